// One case: looks whether each method sends what it should, then times them round by round, every
// method once a round in random order, the baseline twice.
#pragma once

#include <random>

#include "bench/env/environment.h"
#include "bench/env/sources.h"
#include "bench/measure/progress.h"
#include "bench/measure/run_plan.h"
#include "bench/report/results.h"

namespace zc::bench {

// Steps of Progress that a case takes at most.
uint64_t steps_of(const CasePlan& plan, unsigned rounds);

// `environment` has the MTU. When interrupted, returns what there is.
Case measure_case(const CasePlan& plan, const RunPlan& run, Environment& environment,
                  Sources& sources, std::mt19937_64& random, Progress& progress);

}  // namespace zc::bench
