// SPDX-License-Identifier: GPL-2.0-only
// Comparative benchmarks: what each way of getting stored bytes onto the network costs. This is
// what `zcctl bench` calls; bench/README.md is the way around.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/measure/run_plan.h"
#include "bench/report/results.h"
#include "bench/suites/suites.h"

namespace zc::bench {

// Called after each case with all that was measured so far, as of a run that was interrupted.
using Keep = std::function<void(const Results& so_far)>;

// Measures. Needs root, and to be the process's only thread. Whatever it returns, `results` has
// what was measured until then: after Ctrl-C it fails with kFailed and `results.interrupted`. The
// cases of an environment that cannot be made are "unavailable", and the run goes on; it fails
// where nothing at all could be measured. Profiles need perf: where it is not installed,
// kUnsupported before anything is measured.
Status run(const RunPlan& plan, Results& results, bool profile, const Keep& keep);

// The methods: what each needs, and whether this host can.
struct Listed {
  std::string name, paper, suites, transport, rtp, needs;
  std::string missing;  // why not here; empty: it can
};
std::vector<Listed> list_methods();

}  // namespace zc::bench
