// SPDX-License-Identifier: GPL-2.0-only
#include "program_run.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <optional>

#include "env/frame.h"
#include "env/tap.h"
#include "env/ts_stream_check.h"
#include "os/cpu.h"
#include "os/process.h"
#include "os/wait.h"

namespace zc::bench {
namespace {

// RTCP reports: one a few seconds and one at the end.
constexpr uint64_t kMostReports = 16;
// What a program may add to the file or leave away of it: stuffing, tables.
constexpr double kMostOtherBytes = 0.1;
constexpr int kNapMs = 2;

std::string words(const Method& method, const std::optional<Process::Ended>& ended) {
  const std::string name(method.name);
  if (!ended) return name + " did not end in time";
  if (WIFSIGNALED(ended->status)) return fmt::format("{} was killed", name);
  return ended->status == 0 ? "" : fmt::format("{} failed: {}", name, WEXITSTATUS(ended->status));
}

std::string problem_of(const TsStreamCheck& check, const FrameReader& reader,
                       const TransportStream& file) {
  if (!check.problem().empty()) return check.problem();
  if (!reader.problem().empty()) return reader.problem();
  const double share =
      static_cast<double>(check.payload_bytes()) / static_cast<double>(file.size());
  if (share > 1 - kMostOtherBytes && share < 1 + kMostOtherBytes) return {};
  return fmt::format("{} bytes left, of a file of {}", check.payload_bytes(), file.size());
}

Result<RunOutcome> inspect(const Method& method, const TransportStream& file, double seconds) {
  TsStreamCheck check;
  FrameReader reader(kPort, [&](ByteView payload) { check.datagram(payload); });
  const Fd tap = ZC_TRY(open_packet_socket(kDevice));
  Process process = ZC_TRY(Process::start(method.command(file.path()), -1));
  const auto ended = process.wait(seconds, [&] { (void)read_frame(tap, kNapMs, reader); });
  while (read_frame(tap, kNapMs, reader)) {
  }
  RunOutcome outcome;
  outcome.sample.packets = check.packets();
  outcome.problem = words(method, ended);
  if (outcome.problem.empty()) outcome.problem = problem_of(check, reader, file);
  outcome.checksum = reader.device_checksums() != 0 ? "device" : "kernel";
  return outcome;
}

Result<RunOutcome> time(Environment& environment, const Method& method, const TransportStream& file,
                        uint64_t wanted, double seconds) {
  const uint64_t before = environment.frames_sent();
  const CpuMeter meter;
  Process process = ZC_TRY(Process::start(method.command(file.path()), -1));
  const auto ended = process.wait(seconds);
  // Waits for the last frames, still to come behind a queue.
  (void)wait_for_count(before + wanted, kForFrames, [&] { return environment.frames_sent(); });
  const CpuTime time = meter.elapsed();
  const uint64_t frames = environment.frames_sent() - before;
  RunOutcome outcome;
  outcome.problem = words(method, ended);
  if (!outcome.problem.empty()) return outcome;
  if (frames < wanted || frames > wanted + kMostReports)
    outcome.problem = fmt::format("{} of {} packets reached {}", frames, wanted, kDevice);
  outcome.sample.packets = wanted;
  outcome.sample.wall_ns = time.wall;
  outcome.sample.machine_ns = time.machine;
  outcome.sample.process_ns = ended->cpu_ns;
  outcome.sample.thread_ns = ended->cpu_ns;
  return outcome;
}

}  // namespace

RunOutcome run_program(Environment& environment, const Method& method, const TransportStream& file,
                       Look look, uint64_t wanted_packets, double limit_seconds) {
  auto outcome = look == Look::kInspect
                     ? inspect(method, file, limit_seconds)
                     : time(environment, method, file, wanted_packets, limit_seconds);
  if (outcome) return *std::move(outcome);
  return {{}, outcome.error().message, {}};
}

}  // namespace zc::bench
