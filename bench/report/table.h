// Results as plain text.
#pragma once

#include <string>
#include <vector>

#include "bench/report/results.h"

namespace zc::bench {

// A table per case, void rows with their reason.
std::string table(const Results& results);

// One promise and what came of it. at_most == 0: none was made.
struct JudgedBar {
  std::string against, environment;
  unsigned payload_bytes = 0;
  double at_most = 0, strive = 0;
  Estimate ratio;         // rounds == 0: see judgement
  std::string judgement;  // "met", "missed", "not clear", or why there is no figure
};
std::vector<JudgedBar> judge_bars(const Results& results);

// krtpsendfile against what was promised of it: bar and figure side by side. Takes its figures
// from wherever they are in `results`; what is missing is said to be.
std::string bars_table(const Results& results);

}  // namespace zc::bench
