// SPDX-License-Identifier: GPL-2.0-only
// What a packet pays at the egress: stamped, of no rule, and with many rules. docs/benchmarks.md
// says how to read the figures.
#include <benchmark/benchmark.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "core/commands.h"
#include "device.h"
#include "hook.h"
#include "kern/linux_host.h"
#include "program.h"
#include "world.h"
#include "zc_probe_pass.skel.h"

namespace {

constexpr size_t kPayload = 1316;  // seven TS packets
constexpr uint64_t kFileBytes = 64 << 20;
constexpr uint16_t kStampedPort = 5004;
constexpr uint16_t kPlainPort = 6000;

zc::api::Host& host() {
  static const std::unique_ptr<zc::api::Host> linux_host = zc::kern::make_linux_host();
  return *linux_host;
}

// The error of a command that has to work, as the reason to skip a benchmark.
bool attach(benchmark::State& state, const std::string& to, const std::string& checksum) {
  zc::core::RuleArguments arguments;
  arguments.to = to;
  arguments.payload = "MP2T";
  arguments.timestamp = "wall";
  arguments.checksum = checksum;
  auto spec = zc::core::parse_rule(arguments);
  if (!spec) {
    state.SkipWithError(spec.error().message.c_str());
    return false;
  }
  const auto done =
      zc::core::attach(host(), {bench::kDevice, *spec, {}, false}, zc::core::Run::kReally);
  if (!done) state.SkipWithError(done.error().message.c_str());
  return static_cast<bool>(done);
}

void detach_all() {
  (void)zc::core::detach(host(), {bench::kDevice, {}}, zc::core::Run::kReally);
}

std::string sink(uint16_t port) {
  return fmt::format("{}:{}", bench::kSink, port);
}

// Sends the file round and round, one datagram a call, and checks that every one arrived.
void send_file(benchmark::State& state, uint16_t port) {
  static const int file = bench::make_file(kFileBytes);
  const int socket = bench::connect_to_sink(port);
  const uint64_t before = bench::packets_at_device();
  off_t offset = 0;
  for ([[maybe_unused]] auto _ : state) {
    if (offset + kPayload > kFileBytes) offset = 0;
    if (sendfile(socket, file, &offset, kPayload) != kPayload) state.SkipWithError("sendfile");
  }
  const uint64_t arrived = bench::packets_at_device() - before;
  if (arrived != static_cast<uint64_t>(state.iterations()))
    state.SkipWithError(
        fmt::format("{} of {} packets arrived", arrived, state.iterations()).c_str());
  close(socket);
}

void sendfile_bare(benchmark::State& state) {
  send_file(state, kPlainPort);
}
BENCHMARK(sendfile_bare);

// The same again: what two runs of one thing differ by.
void sendfile_bare_again(benchmark::State& state) {
  send_file(state, kPlainPort);
}
BENCHMARK(sendfile_bare_again);

// A program that does nothing on the same hook: what the hook itself costs.
void sendfile_past_empty_program(benchmark::State& state) {
  const auto program = zc::kern::load_pass_program();
  const auto device = zc::kern::find_device(bench::kDevice);
  if (!program || !device) return state.SkipWithError("no program or no device");
  const auto link = zc::kern::attach_tcx(program->get(), device->ifindex);
  if (!link) return state.SkipWithError(link.error().message.c_str());
  send_file(state, kPlainPort);
}
BENCHMARK(sendfile_past_empty_program);

void sendfile_of_no_rule(benchmark::State& state) {
  if (attach(state, sink(kStampedPort), "uni")) send_file(state, kPlainPort);
  detach_all();
}
BENCHMARK(sendfile_of_no_rule);

void sendfile_stamped(benchmark::State& state, const char* checksum) {
  if (attach(state, sink(kStampedPort), checksum)) send_file(state, kStampedPort);
  detach_all();
}
BENCHMARK_CAPTURE(sendfile_stamped, uni, "uni");
BENCHMARK_CAPTURE(sendfile_stamped, sum, "sum");
BENCHMARK_CAPTURE(sendfile_stamped, zero, "zero");

// Rules for other ports, added behind zcctl's command layer: 10,000 processes prove nothing here.
void add_rules(int count) {
  const auto session = host().change();
  if (!session) return;
  const auto pinned = (*session)->pinned();
  if (!pinned || pinned->empty()) return;
  const auto tables = (*session)->open(pinned->front());
  for (int i = 0; tables && i < count; i++) {
    zc::core::RuleArguments arguments;
    arguments.to = fmt::format("10.99.{}.{}:{}", 1 + i / 250, 1 + i % 250, kStampedPort);
    arguments.payload = "MP2T";
    arguments.timestamp = "wall";
    const auto spec = zc::core::parse_rule(arguments);
    if (spec) (void)(*tables)->add_rule(zc::core::to_abi(*spec, ZC_CHECKSUM_UNI));
  }
}

void sendfile_stamped_10000_rules(benchmark::State& state) {
  if (attach(state, sink(kStampedPort), "uni")) {
    add_rules(9999);
    send_file(state, kStampedPort);
  }
  detach_all();
}
BENCHMARK(sendfile_stamped_10000_rules);

// The program alone, run by the kernel on one packet it does not change.
void run_program(benchmark::State& state, int program_fd, uint8_t protocol, uint16_t port) {
  std::array<unsigned char, 142> frame{};
  frame[12] = 0x08;               // IPv4
  frame[14] = 0x45;               // version 4, 20 bytes of header
  frame[17] = frame.size() - 14;  // total length
  frame[23] = protocol;
  const std::array<unsigned char, 4> destination{10, 99, 0, 2};
  std::memcpy(&frame[30], destination.data(), destination.size());
  frame[36] = static_cast<unsigned char>(port >> 8);
  frame[37] = static_cast<unsigned char>(port);
  frame[39] = frame.size() - 34;  // UDP length
  constexpr int kRuns = 100000;
  while (state.KeepRunningBatch(kRuns)) {
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = frame.size();
    options.repeat = kRuns;
    if (bpf_prog_test_run_opts(program_fd, &options) != 0) state.SkipWithError("test run");
    state.SetIterationTime(static_cast<double>(options.duration) * kRuns / 1e9);
  }
}

void program_pass(benchmark::State& state) {
  const std::unique_ptr<zc_probe_pass, void (*)(zc_probe_pass*)> pass(
      zc_probe_pass::open_and_load(), zc_probe_pass::destroy);
  if (pass) run_program(state, bpf_program__fd(pass->progs.zc_probe), IPPROTO_UDP, kPlainPort);
}
BENCHMARK(program_pass)->UseManualTime();

void program_no_rule(benchmark::State& state, uint8_t protocol, uint16_t port, int rules) {
  if (attach(state, "10.99.250.250:9", "uni")) {
    add_rules(rules);
    for (const auto& entry : std::filesystem::recursive_directory_iterator("/sys/fs/bpf")) {
      if (entry.path().parent_path().filename() != "prog") continue;
      const int fd = bpf_obj_get(entry.path().c_str());
      run_program(state, fd, protocol, port);
      close(fd);
    }
  }
  detach_all();
}
BENCHMARK_CAPTURE(program_no_rule, tcp, IPPROTO_TCP, kPlainPort, 0)->UseManualTime();
BENCHMARK_CAPTURE(program_no_rule, udp, IPPROTO_UDP, kPlainPort, 0)->UseManualTime();
BENCHMARK_CAPTURE(program_no_rule, udp_same_port, IPPROTO_UDP, kStampedPort, 0)->UseManualTime();
BENCHMARK_CAPTURE(program_no_rule, udp_10000_rules, IPPROTO_UDP, kStampedPort, 9999)
    ->UseManualTime();

}  // namespace

int main(int argc, char** argv) {
  bench::enter_world();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
