#include "bench/bench.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "bench/env/sources.h"
#include "bench/measure/interrupt.h"
#include "bench/measure/profile.h"
#include "bench/measure/rounds.h"
#include "bench/methods/methods.h"
#include "bench/report/host.h"
#include "bench_revision.h"

namespace zc::bench {
namespace {

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm broken_down{};
  gmtime_r(&now, &broken_down);
  std::string text(20, '\0');
  text.resize(std::strftime(text.data(), text.size() + 1, "%Y-%m-%dT%H:%M:%SZ", &broken_down));
  return text;
}

EnvironmentRecord record(const EnvironmentKind& kind, DeviceRecord device) {
  return {kind.name, kind.what, std::move(device.link), std::move(device.qdisc),
          std::move(device.features)};
}

uint64_t steps_of(const RunPlan& plan) {
  uint64_t steps = 0;
  for (const CasePlan& c : plan.cases)
    steps += steps_of(c, plan.rounds);
  return steps;
}

// The cases of one environment, from `first` on. Returns how many those were.
Result<size_t> run_environment(const RunPlan& plan, size_t first, Sources& sources,
                               std::mt19937_64& random, Progress& progress, bool profile,
                               Results& results) {
  const EnvironmentKind& kind = *plan.cases[first].environment;
  const std::unique_ptr<Environment> environment = ZC_TRY(kind.enter());
  results.environments.push_back(record(kind, ZC_TRY(record_device())));
  size_t i = first;
  for (; i < plan.cases.size() && plan.cases[i].environment == &kind && !interrupted(); i++) {
    ZC_TRY(sources.warm(plan.cases[i].hot));
    ZC_TRY(environment->set_mtu(plan.cases[i].mtu));
    const Measure measure = [&](const CasePlan& c, const RunPlan& run, Progress& progress) {
      return measure_case(c, run, *environment, sources, random, progress);
    };
    results.cases.push_back(measure(plan.cases[i], plan, progress));
    if (profile && wants_profile(plan, i))
      ZC_TRY(profile_case(plan.cases[i], plan, measure, results.cases.back()));
  }
  return i - first;
}

Status run_all(const RunPlan& plan, bool profile, Results& results) {
  Sources sources(plan.seconds <= 0);
  std::mt19937_64 random(plan.seed);
  Progress progress(steps_of(plan));
  for (size_t i = 0; i < plan.cases.size() && !interrupted();)
    i += ZC_TRY(run_environment(plan, i, sources, random, progress, profile, results));
  return ok();
}

bool has_figures(const Results& results) {
  return std::any_of(results.cases.begin(), results.cases.end(), [](const Case& c) {
    return std::any_of(c.rows.begin(), c.rows.end(),
                       [](const Row& row) { return row.ns_per_packet.rounds > 0; });
  });
}

std::string names_of(unsigned suites) {
  std::string names;
  const auto add = [&](Suite suite, const char* name) {
    if ((suites & suite) != 0) names += (names.empty() ? "" : ",") + std::string(name);
  };
  add(kDownload, "download");
  add(kStreaming, "streaming");
  add(kRivals, "rivals");
  add(kLoan, "loan");
  return names;
}

}  // namespace

Status run(const RunPlan& plan, Results& results, bool profile) {
  if (profile) ZC_TRY(check_profiler());
  const InterruptGuard guard;
  results.suite = plan.suite;
  results.date = now_utc();
  results.command = command_line();
  results.revision = ZC_BENCH_REVISION;
  results.smoke = plan.seconds <= 0;
  results.seed = plan.seed;
  results.rounds = plan.rounds;
  results.seconds = plan.seconds;
  results.host = record_host();
  Status status = run_all(plan, profile, results);
  results.interrupted = interrupted();
  if (interrupted()) return Error{ExitCode::kFailed, "interrupted", {}, {}};
  if (status && !has_figures(results))
    return Error{ExitCode::kFailed, "no method could be measured", {}, {}};
  return status;
}

std::vector<Listed> list_methods() {
  std::vector<Listed> list;
  for (const Method* const method : all_methods()) {
    list.push_back({std::string(method->name), std::string(method->paper), names_of(method->suites),
                    to_string(method->way), to_string(method->rtp), std::string(method->needs),
                    method->missing()});
  }
  return list;
}

}  // namespace zc::bench
