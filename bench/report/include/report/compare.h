// SPDX-License-Identifier: GPL-2.0-only
// Two hosts, or two kernels, beside each other, as paper 002 does in its Table 2.
#pragma once

#include <string>
#include <vector>

#include "report/collection.h"
#include "report/document.h"

namespace zc::bench {

struct ComparedRow {
  std::string name;  // of the case, as name_of() has it: rows of one have the same
  std::string suite, environment, size;
  Transport transport = Transport::kUnknown;
  unsigned mtu = 0;
  std::string method;
  Estimate one, other;  // CPU seconds per GB
  // The other's to the one's: of the medians, and of the farthest ends of their intervals.
  // rounds == 0: one of them has no figure.
  Estimate ratio;
  std::string why;         // then
  bool different = false;  // their intervals do not overlap
};

struct Comparison {
  std::string one, other;  // each folder's hosts, kernels, revisions and dates
  Metric metric = Metric::kUnknown;
  bool smoke = false;
  bool few_rounds = false;               // for intervals, in some rows
  std::vector<std::string> differences;  // in how they were measured: "seconds a run: 2 and 5, …"
  std::vector<ComparedRow> rows;
};

// Fails with kFailed where they are not the same suites, environments and sizes.
Result<Comparison> compare(const Collection& one, const Collection& other);

std::string compare_text(const Comparison& comparison);
std::string compare_json(const Comparison& comparison);
Document compare_document(const Comparison& comparison);

}  // namespace zc::bench
