// Where a method's time goes in the kernel, as paper 002 has it in its Table 1: by perf, which
// samples this process while it sends. Made after the timed runs, so that it costs them nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/measure/rounds.h"

namespace zc::bench {

// kUnsupported, with a hint, where perf is not installed.
Status check_profiler();

// Does this case want one? One size of each suite and environment is enough: the largest that
// leaves in one frame of 1500 bytes, from the large file where there is one. `plan` is sorted by
// environment.
bool wants_profile(const RunPlan& plan, size_t i);

// Measures a case where this one was measured: measure_case() with what is the same for all.
using Measure = std::function<Case(const CasePlan& plan, const RunPlan& run, Progress& progress)>;
// Fills `c`'s profiles. A row that is not valid has none, nor one whose program cannot be sampled.
Status profile_case(const CasePlan& plan, const RunPlan& run, const Measure& measure, Case& c);

// What `perf report` printed, one "12.34% |[kernel.kallsyms]|[k] name" a line: the first five of
// the kernel.
std::vector<Hotspot> read_hotspots(const std::string& report);

}  // namespace zc::bench
