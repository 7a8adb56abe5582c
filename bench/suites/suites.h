// Which comparisons there are, and the way from a user's wish to a plan. A suite is a file in this
// folder and a line in suites.cpp; its methods are in bench/methods.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/measure/run_plan.h"

namespace zc::bench {

// As the command line has it; empty: the suite's own choice.
struct Wish {
  std::string suite = "streaming";  // a suite's name, or "all"
  std::vector<std::string> environments;
  std::vector<std::string> methods;  // the baseline comes with them
  std::vector<unsigned> payload_bytes;
  std::optional<unsigned> rounds;
  std::optional<double> seconds;
  std::optional<uint64_t> seed;
  bool quick = false;
};

struct SuiteKind {
  const char* name;
  const char* what;                               // for people
  std::vector<const char*> default_environments;  // where the wish names none
  double default_seconds;                         // of a timed run
  // The cases of one environment.
  Result<std::vector<CasePlan>> (*cases)(const EnvironmentKind& environment, const Wish& wish);
};
std::span<const SuiteKind> suites();

// kUsage for words that mean nothing here.
Result<RunPlan> plan_run(const Wish& wish);

// One per file.
Result<std::vector<CasePlan>> streaming_cases(const EnvironmentKind& environment, const Wish& wish);
Result<std::vector<CasePlan>> rivals_cases(const EnvironmentKind& environment, const Wish& wish);
Result<std::vector<CasePlan>> download_cases(const EnvironmentKind& environment, const Wish& wish);
Result<std::vector<CasePlan>> loan_cases(const EnvironmentKind& environment, const Wish& wish);
Result<std::vector<CasePlan>> bars_cases(const EnvironmentKind& environment, const Wish& wish);

}  // namespace zc::bench
