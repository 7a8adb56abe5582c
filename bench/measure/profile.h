// SPDX-License-Identifier: GPL-2.0-only
// Where a method's time goes in the kernel, as paper 002 has it in its Table 1: by perf, which
// samples the process that sends. Made after the timed runs, so that it costs them nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rounds.h"

namespace zc::bench {

// kUnsupported, with a hint, where perf is not installed.
Status check_profiler();

// Measures a case where this one was measured: measure_case() with what is the same for all.
using Measure = std::function<Case(const CasePlan& plan, const RunPlan& run, Progress& progress)>;
// Fills the profiles of `c`, which is what `run.cases[i]` measured. One size of each suite and
// environment is enough for a method: the largest that it sends in one frame of 1500 bytes, from
// the large file where there is one. A row that is not valid has none. Returns a line for people
// for each profile that could not be made.
std::string profile_case(const RunPlan& run, size_t i, const Measure& measure, Case& c);

// Is `run.cases[i]`, of its suite and environment, the one for the method's profile?
bool wants_profile(const RunPlan& run, size_t i, const Method& method);

// What `perf report` printed, one "12.34% |[kernel.kallsyms]|[k] name" a line: the first five of
// the kernel.
std::vector<Hotspot> read_hotspots(const std::string& report);

}  // namespace zc::bench
