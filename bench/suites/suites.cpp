// SPDX-License-Identifier: GPL-2.0-only
#include "suites/suites.h"

#include <algorithm>
#include <array>
#include <random>

#include "cases.h"
#include "methods/methods.h"
#include "results/kinds.h"

namespace zc::bench {
namespace {

const std::array kSuites{
    SuiteKind{.name = "download",
              .bit = kDownload,
              .what = "stored bytes as they are: paper 002, Table 3, UDP (nic) and TCP (veth)",
              .default_environments = {kNic, kVeth},
              .default_seconds = 1,
              .in_all = true,
              .cases = download_cases},
    SuiteKind{.name = "streaming",
              .bit = kStreaming,
              .what = "stored bytes as RTP: paper 002, Table 4, and today's ways",
              .default_environments = {kNic},
              .default_seconds = 0.85,
              .in_all = true,
              .cases = streaming_cases},
    SuiteKind{.name = "rivals",
              .bit = kRivals,
              .what = "the best of today's ways only",
              .default_environments = {kNic, kNicUso},
              .default_seconds = 1,
              .in_all = true,
              .cases = rivals_cases},
    SuiteKind{.name = "loan",
              .bit = kLoan,
              .what = "copy against loan: paper 000, Figures 1 to 3 (MTU 65535) and 4 to 6 (1500, "
                      "9000)",
              .default_environments = {kNic, kNic1g},
              .default_seconds = 0.5,
              .in_all = true,
              .cases = loan_cases},
    SuiteKind{.name = "bars",
              .bit = 0,
              .what = "krtpsendfile against what was promised of it",
              .default_environments = {kNic, kNicUso},
              .default_seconds = 2.5,
              .in_all = false,
              .cases = bars_cases},
    SuiteKind{.name = "clock",
              .bit = kClock,
              .what = "what RTP's clocks cost zcctl, and pacing: ns a packet more than the wall's",
              .default_environments = {kNic},
              .default_seconds = 1,
              .in_all = false,
              .cases = clock_cases},
    SuiteKind{.name = "tcp",
              .bit = kTcpFrames,
              .what = "RTP over TCP: frames by the application, by zcctl, and none",
              .default_environments = {kLo, kVeth},
              .default_seconds = 1,
              .in_all = false,
              .cases = tcp_cases},
};

// Many short rounds rather than few long ones: on a shared host a run differs from the next by five
// per cent for reasons of its neighbours, whatever its length, and only rounds average that. 20 are
// the fewest whose 6th and 15th are an interval of 95 %. /proc/stat counts in 10 ms: half a second
// is the shortest that this does not blur. Streaming's seconds are what fits into 45 minutes.
constexpr const char* kAll = "all";
constexpr unsigned kRounds = 20;
constexpr unsigned kQuickRounds = 3;
// Smaller ones are no media, larger ones no UDP.
constexpr unsigned kSmallestPayload = 64;
constexpr unsigned kLargestPayload = 8944;  // MTU 9000 without headers and zcctl's extension
constexpr unsigned kLargestLoan = 65506;    // 65,535 without headers, and even

Result<std::vector<const SuiteKind*>> choose_suites(const std::string& name) {
  std::vector<const SuiteKind*> chosen;
  for (const SuiteKind& suite : kSuites) {
    if (suite.name == name || (name == kAll && suite.in_all)) chosen.push_back(&suite);
  }
  if (chosen.empty()) return usage_error("--suite: '" + name + "' is not one of " + suite_names());
  return chosen;
}

// Does a suite have any of --methods? One with a list of its own decides for itself.
bool takes_part(const SuiteKind& suite, const RunRequest& request) {
  return request.methods.empty() || suite.bit == 0 ||
         std::any_of(request.methods.begin(), request.methods.end(), [&](const std::string& name) {
           return (find_method(name)->suites & suite.bit) != 0;
         });
}

// Each method must be in one of the suites, not in all.
Status check_methods(const std::vector<const SuiteKind*>& suites, const RunRequest& request) {
  unsigned bits = 0;
  for (const SuiteKind* const suite : suites)
    bits |= suite->bit;
  for (const std::string& name : request.methods) {
    const Method* const method = find_method(name);
    if (method == nullptr)
      return usage_error("--methods: there is no method '" + name + "'",
                         "zcctl bench list has them");
    if (bits != 0 && (method->suites & bits) == 0)
      return usage_error("--methods: '" + name + "' is not in this suite",
                         "zcctl bench list says in which it is");
  }
  return ok();
}

Result<std::vector<const EnvironmentKind*>> choose_environments(const SuiteKind& suite,
                                                                const RunRequest& request) {
  std::vector<std::string> names = request.environments;
  if (names.empty())
    names.assign(suite.default_environments.begin(), suite.default_environments.end());
  std::vector<const EnvironmentKind*> chosen;
  for (const std::string& name : names) {
    chosen.push_back(find_environment(name));
    if (chosen.back() == nullptr)
      return usage_error("--env: '" + name + "' is not one of " + environment_names());
  }
  return chosen;
}

Status check_numbers(const RunRequest& request) {
  const unsigned largest =
      suite_id(request.suite) == SuiteId::kLoan ? kLargestLoan : kLargestPayload;
  for (const unsigned bytes : request.payload_bytes) {
    if (bytes < kSmallestPayload || bytes > largest || bytes % 2 != 0)
      return usage_error("--sizes: " + std::to_string(bytes) + " is not an even number from " +
                         std::to_string(kSmallestPayload) + " to " + std::to_string(largest));
  }
  if (request.rounds && (*request.rounds < 1 || *request.rounds > 1000))
    return usage_error("--rounds: not a number from 1 to 1000");
  if (request.seconds && !(*request.seconds >= 0.1 && *request.seconds <= 60))  // NaN is neither
    return usage_error("--seconds: not a number from 0.1 to 60");
  if (request.quick && request.seconds)
    return usage_error("--quick takes a number of packets, not --seconds",
                       "without --quick, --seconds makes a run short");
  return ok();
}

Status add_cases(RunPlan& plan, const SuiteKind& suite, const RunRequest& request) {
  for (const EnvironmentKind* const environment : ZC_TRY(choose_environments(suite, request))) {
    for (CasePlan& made : ZC_TRY(suite.cases(*environment, request))) {
      made.suite = suite.name;
      plan.cases.push_back(std::move(made));
    }
  }
  return ok();
}

// Sorts them so that each environment is made once.
void sort_by_environment(std::vector<CasePlan>& cases) {
  std::stable_sort(cases.begin(), cases.end(), [](const CasePlan& one, const CasePlan& other) {
    return one.environment < other.environment;  // in the order of environments()
  });
}

}  // namespace

std::span<const SuiteKind> suites() {
  return kSuites;
}

std::string suite_names() {
  std::string names;
  for (const SuiteKind& suite : kSuites)
    names += std::string(suite.name) + ", ";
  return names + kAll;
}

Result<RunPlan> plan_run(const RunRequest& request) {
  ZC_TRY(check_numbers(request));
  const auto chosen = ZC_TRY(choose_suites(request.suite));
  ZC_TRY(check_methods(chosen, request));
  RunPlan plan;
  plan.suite = request.suite;
  for (const SuiteKind* const suite : chosen) {
    if (takes_part(*suite, request)) ZC_TRY(add_cases(plan, *suite, request));
  }
  if (plan.cases.empty())
    return usage_error("nothing to measure: these --methods are not for these environments",
                       "--env veth has TCP, nic and nic-uso have the rest");
  sort_by_environment(plan.cases);
  plan.rounds = request.rounds.value_or(request.quick ? kQuickRounds : kRounds);
  plan.seconds = request.quick ? 0 : request.seconds.value_or(chosen.front()->default_seconds);
  plan.seed = request.seed ? *request.seed : std::random_device()();
  return plan;
}

}  // namespace zc::bench
