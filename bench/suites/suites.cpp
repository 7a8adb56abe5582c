#include "bench/suites/suites.h"

#include <algorithm>
#include <array>
#include <random>

namespace zc::bench {
namespace {

const std::array kSuites{
    SuiteKind{"download",
              "stored bytes as they are: paper 002, Table 3, UDP (nic) and TCP (veth)",
              {"nic", "veth"},
              2,
              download_cases},
    SuiteKind{"streaming",
              "stored bytes as RTP: paper 002, Table 4, and today's ways",
              {"nic"},
              1.9,
              streaming_cases},
    SuiteKind{"rivals", "the best of today's ways only", {"nic", "nic-uso"}, 2, rivals_cases},
    SuiteKind{"loan",
              "copy against loan: paper 000, Figures 1 to 3 (MTU 65535) and 4 to 6 (1500, 9000)",
              {"nic", "nic-1g"},
              1,
              loan_cases},
    SuiteKind{
        "bars", "krtpsendfile against what was promised of it", {"nic", "nic-uso"}, 5, bars_cases},
};

constexpr unsigned kRounds = 10;
constexpr unsigned kQuickRounds = 3;
// Smaller ones are no media, larger ones no UDP.
constexpr unsigned kSmallestPayload = 64;
constexpr unsigned kLargestPayload = 8944;  // MTU 9000 without headers and zcctl's extension
constexpr unsigned kLargestLoan = 65506;    // 65,535 without headers, and even

// "all" has every suite but bars, whose cases are in the others.
Result<std::vector<const SuiteKind*>> choose_suites(const std::string& name) {
  std::vector<const SuiteKind*> chosen;
  std::string known;
  for (const SuiteKind& suite : kSuites) {
    known += std::string(suite.name) + ", ";
    if (suite.name == name || (name == "all" && suite.cases != bars_cases))
      chosen.push_back(&suite);
  }
  if (chosen.empty()) return usage_error("--suite: '" + name + "' is not one of " + known + "all");
  return chosen;
}

Result<std::vector<const EnvironmentKind*>> choose_environments(const SuiteKind& suite,
                                                                const Wish& wish) {
  std::vector<std::string> names = wish.environments;
  if (names.empty())
    names.assign(suite.default_environments.begin(), suite.default_environments.end());
  std::vector<const EnvironmentKind*> chosen;
  for (const std::string& name : names) {
    chosen.push_back(find_environment(name));
    if (chosen.back() == nullptr)
      return usage_error("--env: '" + name + "' is not one of nic, nic-uso, nic-1g, veth");
  }
  return chosen;
}

Status check_numbers(const Wish& wish) {
  const unsigned largest = wish.suite == "loan" ? kLargestLoan : kLargestPayload;
  for (const unsigned bytes : wish.payload_bytes) {
    if (bytes < kSmallestPayload || bytes > largest || bytes % 2 != 0)
      return usage_error("--sizes: " + std::to_string(bytes) + " is not an even number from " +
                         std::to_string(kSmallestPayload) + " to " + std::to_string(largest));
  }
  if (wish.rounds && (*wish.rounds < 1 || *wish.rounds > 1000))
    return usage_error("--rounds: not a number from 1 to 1000");
  if (wish.seconds && (*wish.seconds < 0.1 || *wish.seconds > 60))
    return usage_error("--seconds: not a number from 0.1 to 60");
  return ok();
}

// So that each environment is made once.
void sort_by_environment(std::vector<CasePlan>& cases) {
  std::stable_sort(cases.begin(), cases.end(), [](const CasePlan& one, const CasePlan& other) {
    return one.environment < other.environment;  // in the order of environments()
  });
}

}  // namespace

std::span<const SuiteKind> suites() {
  return kSuites;
}

Result<RunPlan> plan_run(const Wish& wish) {
  ZC_TRY(check_numbers(wish));
  const auto chosen = ZC_TRY(choose_suites(wish.suite));
  RunPlan plan;
  plan.suite = wish.suite;
  for (const SuiteKind* const suite : chosen) {
    for (const EnvironmentKind* const environment : ZC_TRY(choose_environments(*suite, wish))) {
      const auto cases = ZC_TRY(suite->cases(*environment, wish));
      plan.cases.insert(plan.cases.end(), cases.begin(), cases.end());
    }
  }
  if (plan.cases.empty())
    return usage_error("nothing to measure: these --methods are not for these environments",
                       "--env veth has TCP, nic and nic-uso have the rest");
  sort_by_environment(plan.cases);
  plan.rounds = wish.rounds.value_or(wish.quick ? kQuickRounds : kRounds);
  plan.seconds = wish.quick ? 0 : wish.seconds.value_or(chosen.front()->default_seconds);
  plan.seed = wish.seed ? *wish.seed : std::random_device()();
  return plan;
}

}  // namespace zc::bench
