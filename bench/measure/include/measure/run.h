// SPDX-License-Identifier: GPL-2.0-only
// All cases of a plan, measured one environment after the other. Knows no suites: who made the plan
// knows why.
#pragma once

#include <functional>

#include "base/result.h"
#include "measure/run_plan.h"
#include "results/results.h"

namespace zc::bench {

// Called after each case with all that was measured so far, as of a run that was interrupted.
using Keep = std::function<void(const Results& so_far)>;

// Measures. Needs root, and to be the process's only thread. Whatever it returns, `results` has
// what was measured until then: after Ctrl-C it fails with kFailed and `results.interrupted`. The
// cases of an environment that cannot be made are "unavailable", and the run goes on; it fails
// where nothing at all could be measured. Profiles need perf: where it is not installed,
// kUnsupported before anything is measured.
Status run(const RunPlan& plan, Results& results, bool profile, const Keep& keep);

}  // namespace zc::bench
