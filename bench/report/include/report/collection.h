// SPDX-License-Identifier: GPL-2.0-only
// The results that a report is made from: all files of a folder, and which of them counts where
// several have the same case.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/results.h"

namespace zc::bench {

// One case and the run it comes from, which has the host.
struct Measured {
  const Results* run = nullptr;
  const Case* c = nullptr;
};

struct Collection {
  // Sorted by date. Not moved about: `cases` points into them.
  std::vector<std::unique_ptr<const Results>> runs;
  std::vector<Measured> cases;        // in the order of suites, environments and sizes
  std::vector<std::string> left_out;  // "FILE: why"

  std::vector<Measured> of_suite(SuiteId suite) const;
  bool smoke() const;                               // some of it is from short runs
  std::vector<const Results*> runs_in_use() const;  // that a case comes from
};

// Takes the fullest of several runs of a case: no smoke run where there is a real one, none of too
// few rounds for an interval, then the one with most rows, with most rounds, and the newest.
// Figures are made anew from the samples, so that files of an older zcctl have the same ones.
Collection collect(std::vector<Results> runs);

// All *.json of a folder. What is no result is left out and said to be. Fails with kExists where
// there is no such folder or no result in it.
Result<Collection> read_folder(const std::string& folder);

// Lists them in the order of the cases, each once.
std::vector<std::string> environments_of(const std::vector<Measured>& cases);
bool is_same(const Case& one, const Case& other);

// "streaming, nic, 1388 bytes, MTU 1500"; "download, veth TCP, 512 bytes, hot file, MTU 1500".
std::string name_of(const Case& c);
std::string size_text(const Case& c);  // "1388 bytes, hot file"

// Says where, by which zcctl and when: "Linux 6.1 on 2 × CPU, revision 0123abc, DATE to DATE", a
// part for each of several.
std::string origin_of(const Collection& collection);

}  // namespace zc::bench
