// Results as plain text.
#pragma once

#include <string>

#include "bench/report/results.h"

namespace zc::bench {

// A table per case, void rows with their reason.
std::string table(const Results& results);

// krtpsendfile against what was promised of it: bar and figure side by side. Takes its figures
// from wherever they are in `results`; what is missing is said to be.
std::string bars_table(const Results& results);

}  // namespace zc::bench
