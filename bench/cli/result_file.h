// SPDX-License-Identifier: GPL-2.0-only
// The file that a run leaves: where it goes, and how it is kept whole.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "results/results.h"

namespace zc::bench::cli {

// Made before measuring, so that nobody does so for an hour and then loses it. Returns whether the
// folder is new.
Result<bool> make_folder(const std::filesystem::path& folder);

// The file of a run, which is rewritten as the run goes on. Its name is taken when it is written
// first: no other run's file is replaced.
class ResultFile {
 public:
  // `folder` may be relative: it is the one of now, wherever the process goes later.
  explicit ResultFile(const std::filesystem::path& folder);

  // Empty before the first replace().
  const std::filesystem::path& path() const { return path_; }

  // Writes another file, which then takes the name: who is killed meanwhile keeps the one before.
  Status replace(const Results& results);

 private:
  Status rename(const std::filesystem::path& part) const;
  Status take_name(const std::filesystem::path& part, const Results& results);

  std::filesystem::path folder_, path_;
};

}  // namespace zc::bench::cli
