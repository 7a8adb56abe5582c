// Two hosts, or two kernels, beside each other, as paper 002 does in its Table 2.
#pragma once

#include <string>
#include <vector>

#include "bench/report/collection.h"
#include "bench/report/document.h"

namespace zc::bench {

struct ComparedRow {
  std::string suite, environment, size, method;
  Estimate one, other;     // CPU seconds per GB
  Estimate ratio;          // of the other's to the one's; rounds == 0: one of them has no figure
  std::string why;         // then
  bool different = false;  // their intervals do not overlap
};

struct Comparison {
  std::string one, other;  // hosts: kernel, CPU, date
  std::string metric;      // whose CPU time
  bool smoke = false;
  std::vector<ComparedRow> rows;
};

// Fails with kFailed where they are not the same suites, environments and sizes.
Result<Comparison> compare(const Collection& one, const Collection& other);

std::string compare_text(const Comparison& comparison);
std::string compare_json(const Comparison& comparison);
Document compare_document(const Comparison& comparison);

}  // namespace zc::bench
