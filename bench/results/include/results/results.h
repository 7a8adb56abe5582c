// SPDX-License-Identifier: GPL-2.0-only
// What a run of benchmarks found out: the file it leaves behind. bench/README.md explains the JSON,
// whose keys are the members' names. Reports are made from this and from nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "results/kinds.h"

namespace zc::bench {

// Keys may be added within one schema; those that are there keep their meaning.
constexpr int kSchema = 1;

// Fewer rounds have no two values that enclose the median with a probability of 95 %.
constexpr unsigned kFewestRounds = 6;

// The median and an interval that has it with at least 95 %, or, of too few rounds, the smallest
// and the largest value. rounds == 0: there is no figure.
struct Estimate {
  double median = 0, low = 0, high = 0;
  unsigned rounds = 0;

  // May anything be claimed from it? Otherwise low and high are a range, not an interval.
  bool certain() const { return rounds >= kFewestRounds; }
};

// One timed run.
struct Sample {
  unsigned round = 0;
  uint64_t packets = 0;
  // CPU and wall time in nanoseconds; machine_ns without what the machine does when idle.
  int64_t wall_ns = 0, machine_ns = 0, process_ns = 0, thread_ns = 0;
  std::map<std::string, uint64_t> calls;  // system calls, by name
  uint64_t zerocopy_sends = 0, zerocopy_copied = 0;
  uint64_t send_errors = 0;  // sends that found a full queue (ENOBUFS) and were tried again
};

// A kernel function and its share of a profile's samples.
struct Hotspot {
  double percent = 0;
  std::string image;  // "[kernel.kallsyms]", a module, or "bpf"
  std::string symbol;
};

// One method in one case.
struct Row {
  std::string method;
  bool again = false;       // the baseline's second run in each round: the noise
  std::string paper;        // what the papers call it, or what it stands in for
  std::string relative_to;  // what `ratio` is to: the case's baseline
  Transport transport = Transport::kUnknown;
  HeaderBy rtp = HeaderBy::kUnknown;
  unsigned header_bytes = 0;
  RowState state = RowState::kValid;
  std::string why;       // where it is not valid
  std::string checksum;  // of UDP, seen on the wire: by the "device" or the "kernel"; may be empty
  std::vector<Sample> samples;

  // Derived from samples, by the case's metric.
  Estimate ns_per_packet, cpu_s_per_gb;
  Estimate ratio;  // of ns_per_packet to the baseline's in the same round
  double calls_per_packet = 0;
  // A rate: gigabits of payload (10^9) a second. By CPU time: R = s/t of paper 000, what one CPU
  // can send; by the wall clock: what was sent, sustained.
  Estimate cpu_gbit_per_s, wall_gbit_per_s;
  double errors_per_packet = 0;  // of send_errors
  // Nanoseconds a packet that moving the data takes, by copy or by loan, only where the case has
  // copy_only and loan_send (paper 000): t − t_2, where t_2 is loan_send's time less copy_only's.
  Estimate movement_ns;
  double copied_share = 0;  // of the sends that asked for MSG_ZEROCOPY; see zerocopy_sends

  // The five most expensive kernel functions, by perf; empty: none was made. After the timed runs,
  // not part of them.
  std::vector<Hotspot> profile;

  bool valid() const { return state == RowState::kValid; }
};

// What is compared: same packets, same environment.
struct Case {
  std::string suite, environment;
  Transport transport = Transport::kUnknown;  // of its methods: UDP or TCP
  FileKind file = FileKind::kUnknown;
  uint64_t file_bytes = 0;
  unsigned payload_bytes = 0, mtu = 0;
  std::string baseline;
  Metric metric = Metric::kUnknown;
  std::string metric_why;  // empty: it is the machine's
  // Paper 000, where the case has copy_only and loan_send: R_max = s/t_2, were there no copy at
  // all.
  Estimate r_max_gbit_per_s;
  double idle_load = 0;  // CPUs that were busy when the benchmark was not
  std::vector<Row> rows;
};

struct EnvironmentRecord {
  std::string name, what, link, qdisc, congestion_control;
  std::map<std::string, std::string> features;  // of the device, as ethtool calls them
};

struct HostRecord {
  std::string kernel, cpu_model, cpu_cache, clocksource;
  unsigned cpus = 0;
  uint64_t memory_bytes = 0;
  double syscall_ns = 0;  // one getppid(): as paper 002, section 2.2 has it (920 ns there)
  std::map<std::string, std::string> sysctls;          // net.core.*mem*
  std::map<std::string, std::string> vulnerabilities;  // and their mitigations: a call's price
};

struct Results {
  int schema = kSchema;
  std::string suite, date, command, revision;
  bool smoke = false;        // too short for figures that mean something
  bool interrupted = false;  // the last case has fewer rounds, later ones are missing
  uint64_t seed = 0;
  unsigned rounds = 0;  // counted ones; one more was thrown away
  double seconds = 0;   // of a timed run; 0: a fixed number of packets
  HostRecord host;
  std::vector<EnvironmentRecord> environments;
  std::vector<Case> cases;
};

std::string to_json(const Results& results);
// Fails with kFailed where it is no such file, or of another schema.
Result<Results> from_json(const std::string& text);

// nullptr where there is none.
const Row* find_row(const Case& c, const std::string& method);

}  // namespace zc::bench
