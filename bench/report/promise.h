// SPDX-License-Identifier: GPL-2.0-only
// What a way of zcctl's was promised to cost beside another's, and whether it does: judged by the
// whole interval. Knows no suite.
#pragma once

#include <array>
#include <string>

#include "report/table.h"

namespace zc::bench {

// What a way of zcctl's may cost, as a share of another's CPU time a packet. at_most == 0: no
// promise; strive == 0: nothing beyond it.
struct Promise {
  const char* ours;
  const char* against;              // for people
  std::array<const char*, 3> ways;  // of doing the same; the fastest one here counts
  EnvironmentId environment;
  unsigned payload_bytes;
  double at_most, strive;
};

JudgedBar judge(const Results& results, const Promise& bar);

// Lines of a table of them, as plain text.
std::string judged_heading();
std::string judged_line(const JudgedBar& bar);

}  // namespace zc::bench
