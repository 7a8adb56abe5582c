// SPDX-License-Identifier: GPL-2.0-only
// Which comparisons there are, and the way from a user's request to a plan. A suite is a file in
// this folder that makes its cases, its declaration in cases.h and its entry in suites.cpp; methods
// take part in it by its bit in bench/methods/method.h. All else that names suites asks suites().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "measure/run_plan.h"

namespace zc::bench {

// What the command line says; empty: the suite's own choice.
struct RunRequest {
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
  std::string_view name;
  unsigned bit;                                   // its methods have it; 0: it has its own list
  const char* what;                               // for people
  std::vector<const char*> default_environments;  // where the request names none
  double default_seconds;                         // of a timed run
  bool in_all;                                    // in "all": its cases are in no other suite
  // The cases of one environment; their `suite` is filled in later.
  Result<std::vector<CasePlan>> (*cases)(const EnvironmentKind& environment,
                                         const RunRequest& request);
};
std::span<const SuiteKind> suites();
// "download, streaming, all", for people: all that --suite takes.
std::string suite_names();

// kUsage for words that mean nothing here.
Result<RunPlan> plan_run(const RunRequest& request);

}  // namespace zc::bench
