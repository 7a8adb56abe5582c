// SPDX-License-Identifier: GPL-2.0-only
// Results as plain text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/results.h"

namespace zc::bench {

// A table per case, void rows with their reason.
std::string table(const Results& results);

// "0.28 (0.27–0.30)"; "0.28 [0.27–0.30]" where it is a range of too few rounds; "–" where there is
// no figure.
std::string with_interval(const Estimate& estimate, int digits = 2);
// "(0.27–0.30)" of an interval, "[0.27–0.30]" of a range.
std::string in_brackets(const Estimate& estimate, const std::string& text);
// "1.3 %", or "not known".
std::string noise_of(const Case& c);
// A packet's system calls; "–" for another program, whose nobody counts.
std::string calls_text(const Row& row);
std::string copied_text(const Row& row);  // "12 %"; "–" where zero copy was not asked for
// Says that some of a case's figures are of too few rounds; empty if none is.
std::string ranges_note(const Case& c);  // "fewer than 6 rounds: ranges, no intervals"

// Columns as wide as their longest text, and two blanks between them.
std::string in_columns(const std::vector<std::vector<std::string>>& rows);

// One promise and what came of it. at_most == 0: none was made; strive == 0: nothing beyond it.
struct JudgedBar {
  std::string ours, against, environment;
  unsigned payload_bytes = 0;
  double at_most = 0, strive = 0;
  Estimate ratio;         // rounds == 0: see judgement
  std::string judgement;  // "met", "missed", "not clear", "too few rounds", or why there is none
};
std::vector<JudgedBar> judge_bars(const Results& results);

// One of the suite `clock`'s ways, beside the wall clock's of the same run.
struct JudgedClock {
  std::string ours, against, file;
  std::optional<double> at_most_ns;  // nothing: no promise; 0: the noise
  double noise_ns = 0;               // the wall clock twice, at the far end of the interval
  Estimate more_ns, ratio;           // rounds == 0: see judgement
  std::string judgement;             // as of a JudgedBar
};
std::vector<JudgedClock> judge_clocks(const Results& results);
std::string at_most_text(const JudgedClock& clock);  // "60", "noise", "-"
std::string clocks_table(const Results& results);

// The suite `tcp`'s, likewise.
std::vector<JudgedBar> judge_tcp(const Results& results);
std::string tcp_table(const Results& results);

// zcctl's ways against what was promised of them: bar and figure side by side. Takes its figures
// from wherever they are in `results`; what is missing is said to be.
std::string bars_table(const Results& results);

}  // namespace zc::bench
