#include "bench/measure/single_run.h"

#include <fmt/format.h>

#include <chrono>

#include "bench/env/rule.h"
#include "bench/measure/cpu.h"
#include "bench/measure/interrupt.h"

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;

Sample sample_of(const Job& job, const CpuTime& time) {
  Sample sample;
  sample.packets = job.stream().packets;
  sample.wall_ns = time.wall;
  sample.machine_ns = time.machine;
  sample.process_ns = time.process;
  sample.thread_ns = time.thread;
  sample.calls = job.kernel().calls();
  sample.zerocopy_sends = job.zerocopy_sends;
  sample.zerocopy_copied = job.zerocopy_copied;
  return sample;
}

// What the sender's kernel says comes before what the far end says, the cause before the effect.
std::string problem_of(const Job& job, const Verdict& verdict, const ZcctlRule* rule) {
  const std::string& problem = job.kernel().ok() ? verdict.problem : job.kernel().error();
  const std::string drops = rule == nullptr || problem.empty() ? std::string() : rule->drops();
  return drops.empty() ? problem : fmt::format("{}; zcctl dropped:{}", problem, drops);
}

Result<RunOutcome> try_once(Environment& environment, const Method& method,
                            const Expected& expected, Look look, double limit_seconds) {
  std::unique_ptr<ZcctlRule> rule;
  if (method.rtp == Rtp::kZcctl) rule = ZC_TRY(ZcctlRule::attach());
  const Fd socket = ZC_TRY(connect_to_far_end());
  const std::unique_ptr<FarEnd> far_end = look == Look::kTimed
                                              ? ZC_TRY(environment.watch(expected))
                                              : ZC_TRY(environment.inspect(expected));
  const auto deadline = Clock::now() + std::chrono::duration<double>(limit_seconds);
  Job job(expected.stream, socket.get(), [&](uint64_t sent) {
    return !interrupted() && Clock::now() < deadline && far_end->keep_up(sent);
  });
  const CpuMeter meter;
  method.send(job);
  const CpuTime time = meter.elapsed();
  const Verdict verdict = far_end->verdict();
  return RunOutcome{sample_of(job, time), problem_of(job, verdict, rule.get()), verdict.checksum};
}

}  // namespace

RunOutcome run_once(Environment& environment, const Method& method, const Expected& expected,
                    Look look, double limit_seconds) {
  auto outcome = try_once(environment, method, expected, look, limit_seconds);
  if (outcome) return *std::move(outcome);
  return {{}, outcome.error().message, {}};
}

}  // namespace zc::bench
