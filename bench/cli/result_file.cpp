// SPDX-License-Identifier: GPL-2.0-only
#include "result_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "report/write.h"

namespace zc::bench::cli {
namespace {

namespace fs = std::filesystem;

// "streaming-2026-01-31T120000Z.json": one for each run, and `ls` puts them in order. Of several
// that began in the same second the later ones are numbered.
fs::path file_name(const Results& results, unsigned number) {
  std::string date = results.date;
  std::erase(date, ':');
  return results.suite + "-" + date + (number > 1 ? fmt::format("-{}", number) : "") + ".json";
}

}  // namespace

Result<bool> make_folder(const fs::path& folder) {
  std::error_code failed;
  const bool is_new = fs::create_directories(folder, failed);
  if (failed) return system_error(failed.value(), "--out " + folder.string());
  if (access(folder.c_str(), W_OK) != 0) return system_error(errno, "--out " + folder.string());
  return is_new;
}

ResultFile::ResultFile(const fs::path& folder) : folder_(fs::absolute(folder)) {}

Status ResultFile::replace(const Results& results) {
  const fs::path part = folder_ / fmt::format("{}.{}.part", results.suite, getpid());
  Status status = write_text(part.string(), to_json(results));
  if (status) status = path_.empty() ? take_name(part, results) : rename(part);
  std::error_code ignored;
  if (!status) fs::remove(part, ignored);
  return status;
}

Status ResultFile::rename(const fs::path& part) const {
  std::error_code failed;
  fs::rename(part, path_, failed);
  return failed ? Status(system_error(failed.value(), "cannot write " + path_.string())) : ok();
}

Status ResultFile::take_name(const fs::path& part, const Results& results) {
  for (unsigned number = 1;; number++) {
    const fs::path path = folder_ / file_name(results, number);
    if (renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
      path_ = path;
      return ok();
    }
    if (errno == EEXIST) continue;
    // A file system that cannot do that.
    if (errno != EINVAL) return system_error(errno, "cannot write " + path.string());
    path_ = path;
    return rename(part);
  }
}

}  // namespace zc::bench::cli
