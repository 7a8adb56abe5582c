// SPDX-License-Identifier: GPL-2.0-only
// One case: looks whether each method sends what it should, then times them round by round, every
// method once a round in random order, the baseline twice.
#pragma once

#include <random>

#include "env/environment.h"
#include "env/sources.h"
#include "measure/run_plan.h"
#include "progress.h"
#include "results/results.h"

namespace zc::bench {

// A look takes so many packets, a timed run more.
constexpr uint64_t kInspectedPackets = 500;

// `stream`, so that a look at it comes past the file's end and past the last sequence number.
Stream for_a_look(Stream stream);

// Whose CPU time a case's figures are; the reason is empty where it is the machine's. `seconds`: of
// a timed run; `idle_load`: CPUs that were busy with something else.
struct ChosenMetric {
  Metric metric = Metric::kMachine;
  std::string why;
};
ChosenMetric choose_metric(double seconds, double idle_load);

// Steps of Progress that a case takes at most.
uint64_t steps_of(const CasePlan& plan, unsigned rounds);

// `environment` has the MTU. When interrupted, returns what there is.
Case measure_case(const CasePlan& plan, const RunPlan& run, Environment& environment,
                  Sources& sources, std::mt19937_64& random, Progress& progress);

// One that was not measured: all its rows are "unavailable", with that reason.
Case unavailable_case(const CasePlan& plan, const std::string& why);

}  // namespace zc::bench
