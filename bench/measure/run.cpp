// SPDX-License-Identifier: GPL-2.0-only
#include "measure/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>

#include "bench_revision.h"
#include "env/sources.h"
#include "host.h"
#include "os/interrupt.h"
#include "profile.h"
#include "rounds.h"

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
  return {std::string(kind.name),
          kind.what,
          std::move(device.link),
          std::move(device.qdisc),
          std::move(device.congestion_control),
          std::move(device.features)};
}

uint64_t steps_of(const RunPlan& plan) {
  uint64_t steps = 0;
  for (const CasePlan& c : plan.cases)
    steps += steps_of(c, plan.rounds);
  return steps;
}

bool has_figures(const Results& results) {
  return std::any_of(results.cases.begin(), results.cases.end(), [](const Case& c) {
    return std::any_of(c.rows.begin(), c.rows.end(),
                       [](const Row& row) { return row.ns_per_packet.rounds > 0; });
  });
}

// All cases of a plan, one environment after the other.
class Run {
 public:
  Run(const RunPlan& plan, bool profile, const Keep& keep, Results& results)
      : plan_(plan),
        profile_(profile),
        keep_(keep),
        results_(results),
        sources_(plan.seconds <= 0),
        random_(plan.seed),
        progress_(steps_of(plan)) {}

  Status measure() {
    warn_of_cache();
    for (size_t i = 0; i < plan_.cases.size() && !interrupted();)
      i = ZC_TRY(measure_environment(i));
    results_.interrupted = interrupted();
    if (has_figures(results_) || interrupted()) return ok();
    if (missing_) return *missing_;
    return failed_error("no method could be measured");
  }

 private:
  void warn_of_cache() {
    const bool large = std::any_of(plan_.cases.begin(), plan_.cases.end(),
                                   [](const CasePlan& c) { return c.source != Source::kHot; });
    if (large) progress_.say(sources_.cache_warning());
  }

  // The cases of one environment, from `first` on. Returns the first that is of another.
  Result<size_t> measure_environment(size_t first) {
    const EnvironmentKind& kind = *plan_.cases[first].environment;
    size_t end = first;
    while (end < plan_.cases.size() && plan_.cases[end].environment == &kind)
      end++;
    const auto environment = enter(kind);
    // What this user may not do here, he may not do elsewhere.
    if (!environment && environment.error().kind == ErrorKind::kNotPermitted)
      return environment.error();
    if (!environment) miss(kind, environment.error());
    for (size_t i = first; i < end && !interrupted(); i++) {
      if (environment)
        ZC_TRY(measure_case(i, **environment));
      else
        give_up(i, environment.error());
      if (keep_) keep_(results_);
    }
    return end;
  }

  Result<std::unique_ptr<Environment>> enter(const EnvironmentKind& kind) {
    auto environment = ZC_TRY(kind.enter());
    results_.environments.push_back(record(kind, ZC_TRY(record_device(environment->device()))));
    return environment;
  }

  Status measure_case(size_t i, Environment& environment) {
    const CasePlan& plan = plan_.cases[i];
    ZC_TRY(sources_.warm(plan.source));
    ZC_TRY(environment.set_mtu(plan.mtu));
    const Measure measure = [&](const CasePlan& c, const RunPlan& run, Progress& progress) {
      return bench::measure_case(c, run, environment, sources_, random_, progress);
    };
    results_.cases.push_back(measure(plan, plan_, progress_));
    if (profile_) progress_.say(profile_case(plan_, i, measure, results_.cases.back()));
    return ok();
  }

  void miss(const EnvironmentKind& kind, const Error& why) {
    progress_.say(fmt::format("zcctl: {} cannot be made: {}\n", kind.name, why.message));
    if (!missing_) missing_ = why;
  }

  void give_up(size_t i, const Error& why) {
    const CasePlan& plan = plan_.cases[i];
    progress_.skip(steps_of(plan, plan_.rounds));
    results_.cases.push_back(unavailable_case(plan, why.message));
  }

  const RunPlan& plan_;
  bool profile_;
  const Keep& keep_;
  Results& results_;
  Sources sources_;
  std::mt19937_64 random_;
  Progress progress_;
  std::optional<Error> missing_;  // why the first environment that is missing is
};

}  // namespace

Status run(const RunPlan& plan, Results& results, bool profile, const Keep& keep) {
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
  results.interrupted = true;  // until it is done: somebody may kill it
  Status status = Run(plan, profile, keep, results).measure();
  if (interrupted()) return failed_error("interrupted");
  return status;
}

}  // namespace zc::bench
