// Comparative benchmarks: what each way of getting stored bytes onto the network costs. This is
// what `zcctl bench` calls; bench/README.md is the way around.
#pragma once

#include <string>

#include "base/result.h"
#include "bench/measure/run_plan.h"
#include "bench/report/results.h"
#include "bench/suites/suites.h"

namespace zc::bench {

// Measures. Needs root, and to be the process's only thread. Whatever it returns, `results` has
// what was measured until then: after Ctrl-C it fails with kFailed and `results.interrupted`.
// Profiles need perf: where it is not installed, kUnsupported before anything is measured.
Status run(const RunPlan& plan, Results& results, bool profile = false);

// The methods: what each needs, and whether this host can.
struct Listed {
  std::string name, paper, suites, transport, rtp, needs;
  std::string missing;  // why not here; empty: it can
};
std::vector<Listed> list_methods();

}  // namespace zc::bench
