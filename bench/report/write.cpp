// SPDX-License-Identifier: GPL-2.0-only
#include "report/write.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "html.h"
#include "markdown.h"
#include "report.h"
#include "report/collection.h"

namespace zc::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kFilesSchema = 1;

bool is_page(const fs::path& path) {
  return path.extension() == ".html" || path.extension() == ".htm";
}

Status write_file(const fs::path& path, const std::string& text) {
  std::error_code failed;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), failed);
  if (failed) return system_error(failed.value(), "cannot make " + path.parent_path().string());
  return write_text(path.string(), text);
}

}  // namespace

Status write_text(const std::string& path, const std::string& text) {
  errno = 0;
  std::ofstream file(path);
  file << text << std::flush;
  return file ? ok() : system_error(errno, "cannot write " + path);
}

ReportFiles report_files(const std::string& folder, const std::string& out) {
  fs::path page = out.empty() ? fs::path(folder) : fs::path(out);
  if (!is_page(page)) page /= "report.html";
  fs::path twin = page;
  return {page.string(), twin.replace_extension(".md").string()};
}

std::string files_text(const ReportFiles& files) {
  return files.html + "\n" + files.markdown + "\n";
}

std::string files_json(const ReportFiles& files) {
  const nlohmann::ordered_json json{
      {"schema", kFilesSchema}, {"html", files.html}, {"markdown", files.markdown}};
  return json.dump() + "\n";
}

Status write_report(const std::string& folder, const ReportFiles& files) {
  const Collection collection = ZC_TRY(read_folder(folder));
  Document document = make_report(collection);
  ZC_TRY(write_file(files.markdown, to_markdown(document)));
  Status status = write_html(std::move(document), files.html);
  if (status) return status;
  // One of an earlier report would be taken for this one's.
  std::error_code ignored;
  fs::remove(files.html, ignored);
  Error error = std::move(status).error();
  error.message += "; wrote " + files.markdown + " only";
  return error;
}

Status write_html(Document document, const std::string& path) {
  ZC_TRY(draw_figures(document));
  return write_file(path, to_html(document));
}

}  // namespace zc::bench
