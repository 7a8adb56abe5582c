#include "bench/bench.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "bench/env/payload_file.h"
#include "bench/measure/interrupt.h"
#include "bench/measure/rounds.h"
#include "bench/methods/methods.h"
#include "bench/report/host.h"
#include "bench_revision.h"

namespace zc::bench {
namespace {

constexpr uint64_t kHotFileBytes = 4 << 20;
// Ten times the cache of a large server CPU, so that it cannot help.
constexpr uint64_t kLargeFileBytes = 1 << 30;

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm broken_down{};
  gmtime_r(&now, &broken_down);
  std::string text(20, '\0');
  text.resize(std::strftime(text.data(), text.size() + 1, "%Y-%m-%dT%H:%M:%SZ", &broken_down));
  return text;
}

// A quarter of a small machine's memory, rather than a file that does not stay in the page cache.
uint64_t large_file_bytes() {
  const auto free_bytes = static_cast<uint64_t>(sysconf(_SC_AVPHYS_PAGES)) *
                          static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return std::clamp<uint64_t>(free_bytes / 2, kHotFileBytes, kLargeFileBytes);
}

// Files are made when a case first wants them.
class Files {
 public:
  Result<const PayloadFile*> get(bool hot) {
    std::unique_ptr<PayloadFile>& file = hot ? hot_ : large_;
    if (!file) file = ZC_TRY(PayloadFile::make(hot ? kHotFileBytes : large_file_bytes()));
    file->warm();
    return file.get();
  }

 private:
  std::unique_ptr<PayloadFile> hot_, large_;
};

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
Result<size_t> run_environment(const RunPlan& plan, size_t first, Files& files,
                               std::mt19937_64& random, Progress& progress, Results& results) {
  const EnvironmentKind& kind = *plan.cases[first].environment;
  const std::unique_ptr<Environment> environment = ZC_TRY(kind.enter());
  results.environments.push_back(record(kind, ZC_TRY(record_device())));
  size_t i = first;
  for (; i < plan.cases.size() && plan.cases[i].environment == &kind && !interrupted(); i++) {
    const PayloadFile* const file = ZC_TRY(files.get(plan.cases[i].hot));
    ZC_TRY(environment->set_mtu(plan.cases[i].mtu));
    results.cases.push_back(
        measure_case(plan.cases[i], plan, *environment, *file, random, progress));
  }
  return i - first;
}

Status run_all(const RunPlan& plan, Results& results) {
  Files files;
  std::mt19937_64 random(plan.seed);
  Progress progress(steps_of(plan));
  for (size_t i = 0; i < plan.cases.size() && !interrupted();)
    i += ZC_TRY(run_environment(plan, i, files, random, progress, results));
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

Status run(const RunPlan& plan, Results& results) {
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
  Status status = run_all(plan, results);
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
                    std::string(method->transport), to_string(method->rtp),
                    std::string(method->needs), method->missing()});
  }
  return list;
}

}  // namespace zc::bench
