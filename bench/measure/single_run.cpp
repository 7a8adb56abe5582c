// SPDX-License-Identifier: GPL-2.0-only
#include "single_run.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

#include "env/framed_rule.h"
#include "env/rule.h"
#include "os/cpu.h"
#include "os/interrupt.h"

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;
// More than nic-1g's queue, with what the kernel adds to each frame.
constexpr int kWideBytes = 32 << 20;

Sample sample_of(const Job& job, const CpuTime& time) {
  Sample sample;
  sample.packets = job.stream().packets;
  sample.wall_ns = time.wall;
  sample.machine_ns = time.machine;
  sample.process_ns = time.process;
  sample.thread_ns = time.thread;
  sample.calls = job.kernel().calls();
  sample.send_errors = job.kernel().send_errors();
  sample.zerocopy_sends = job.zerocopy_sends;
  sample.zerocopy_copied = job.zerocopy_copied;
  return sample;
}

// What a method needs of zcctl, where it needs it.
struct Rules {
  std::unique_ptr<ZcctlRule> device;
  std::unique_ptr<FramedRule> framed;

  std::string drops() const {
    return device ? device->drops() : framed ? framed->drops() : std::string();
  }
};

Result<Rules> attach(const Method& method, const Stream& stream) {
  Rules rules;
  if (!is_by_zcctl(method.rtp)) return rules;
  if (is_framed(method.rtp))
    rules.framed = ZC_TRY(FramedRule::attach(stream.payload_bytes));
  else
    rules.device = ZC_TRY(ZcctlRule::attach(method.rtp, method.rule));
  return rules;
}

// What the sender's kernel says comes before what the far end says, the cause before the effect.
std::string problem_of(const Job& job, const Verdict& verdict, const Rules& rules) {
  const std::string& problem = job.kernel().ok() ? verdict.problem : job.kernel().error();
  const std::string drops = problem.empty() ? std::string() : rules.drops();
  return drops.empty() ? problem : fmt::format("{}; zcctl dropped:{}", problem, drops);
}

// Tells, where nobody is at the far end, whether the method took all packets.
Verdict all_of(const Job& job) {
  if (job.taken() == job.stream().packets) return {};
  return {fmt::format("{} of {} packets were done", job.taken(), job.stream().packets), {}};
}

Status widen(const Fd& socket) {
  if (setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kWideBytes, sizeof(kWideBytes)) != 0)
    return system_error(errno, "SO_SNDBUFFORCE");
  return ok();
}

// What a run sends with, and to whom. No far end: nothing leaves.
Result<Ends> connect(Environment& environment, Way way, const Expected& expected,
                     const RunSettings& settings) {
  const bool inspected = settings.look == Look::kInspect;
  if (way == Way::kMemory) return Ends{};
  if (way == Way::kTcp) return environment.connect_tcp(expected, inspected);
  Ends ends;
  if (way == Way::kUdp) ends.near = ZC_TRY(connect_to_far_end(SOCK_DGRAM));
  if (ends.near && settings.wide_socket) ZC_TRY(widen(ends.near));
  ends.far =
      inspected ? ZC_TRY(environment.inspect(expected, way)) : ZC_TRY(environment.watch(expected));
  return ends;
}

Result<RunOutcome> try_once(Environment& environment, const Method& method, Expected expected,
                            const RunSettings& settings) {
  const Rules rules = ZC_TRY(attach(method, expected.stream));
  expected.stream.device = environment.frame_device(settings.look == Look::kInspect);
  const Ends ends = ZC_TRY(connect(environment, method.way, expected, settings));
  const auto deadline = Clock::now() + std::chrono::duration<double>(settings.limit_seconds);
  Job job(expected.stream, ends.near.get(), [&](uint64_t sent) {
    return !interrupted() && Clock::now() < deadline && (!ends.far || ends.far->keep_up(sent));
  });
  const CpuMeter meter;
  method.send(job);
  if (ends.far) ends.far->sends_failed(job.kernel().send_errors());
  if (ends.far) ends.far->drain();
  const CpuTime time = meter.elapsed();
  const Verdict verdict = ends.far ? ends.far->verdict() : all_of(job);
  return RunOutcome{sample_of(job, time), problem_of(job, verdict, rules), verdict.checksum};
}

}  // namespace

RunOutcome run_once(Environment& environment, const Method& method, const Expected& expected,
                    const RunSettings& settings) {
  auto outcome = try_once(environment, method, expected, settings);
  if (outcome) return *std::move(outcome);
  return {{}, outcome.error().message, {}};
}

}  // namespace zc::bench
