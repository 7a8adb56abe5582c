// The results that a report is made from: all files of a folder, and which of them counts where
// several have the same case.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/report/results.h"

namespace zc::bench {

// One case and the run it comes from, which has the host.
struct Measured {
  const Results* run = nullptr;
  const Case* c = nullptr;
};

struct Collection {
  // By date. Not moved about: `cases` points into them.
  std::vector<std::unique_ptr<const Results>> runs;
  std::vector<Measured> cases;        // in the order of suites, environments and sizes
  std::vector<std::string> left_out;  // "FILE: why"

  std::vector<Measured> of_suite(const std::string& suite) const;
  bool smoke() const;  // some of it is from short runs
};

// Of several runs of a case the newest one counts, but no smoke run where there is a real one.
Collection collect(std::vector<Results> runs);

// All *.json of a folder. What is no result is left out and said to be. Fails with kExists where
// there is no such folder or no result in it.
Result<Collection> read_folder(const std::string& folder);

// "nic, 1388 bytes" and, where it is not the large file, "hot file".
std::string name_of(const Case& c);
std::string size_text(const Case& c);  // "1388 bytes, hot file"

}  // namespace zc::bench
