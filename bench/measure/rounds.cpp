// SPDX-License-Identifier: GPL-2.0-only
#include "rounds.h"

#include <fmt/format.h>

#include <algorithm>

#include "os/cpu.h"
#include "os/interrupt.h"
#include "program_run.h"
#include "results/figures.h"
#include "single_run.h"

namespace zc::bench {
namespace {

// Where a look begins: before the file's end and, roughly, before the sequence number's.
constexpr uint64_t kPacketsBeforeEnd = 250;
constexpr uint16_t kLateSeq = 65400;
// A run in smoke mode, and the first one, from which the length of the others is reckoned.
constexpr uint64_t kFewPackets = 20000, kFewestPackets = 1000;
constexpr uint64_t kFewBytes = 32 << 20;
constexpr int kShortestIdleMs = 100;
constexpr double kPatienceSeconds = 20;
// CPUs that may be busy with something else before /proc/stat is no longer trusted.
constexpr double kMostIdleLoad = 0.05;
constexpr unsigned kIpUdpHeaderBytes = 28;

// A row and what it takes to run it.
struct Entry {
  const Method* method = nullptr;
  Row row;
  uint64_t packets = kFewPackets;
};

HeaderBy header_by(Rtp rtp) {
  switch (rtp) {
    case Rtp::kApplication:
    case Rtp::kApplicationFrames:
      return HeaderBy::kApplication;
    case Rtp::kFile:
      return HeaderBy::kFile;
    case Rtp::kZcctlUni:
    case Rtp::kZcctlSum:
    case Rtp::kZcctlFrames:
      return HeaderBy::kZcctl;
    default:
      return HeaderBy::kNone;
  }
}

Transport transport_of(Way way) {
  switch (way) {
    case Way::kTcp:
      return Transport::kTcp;
    case Way::kFrames:
      return Transport::kFrames;
    case Way::kMemory:
      return Transport::kNone;
    case Way::kProgram:
      return Transport::kProgram;
    default:
      return Transport::kUdp;
  }
}

Row make_row(const Method& method, const std::string& baseline, bool again) {
  Row row;
  row.method = method.name;
  row.again = again;
  row.relative_to = baseline;
  row.paper = method.paper;
  row.transport = transport_of(method.way);
  row.rtp = header_by(method.rtp);
  row.header_bytes = static_cast<unsigned>(header_bytes(method.rtp));
  return row;
}

void give_up(Row& row, RowState state, const std::string& why) {
  row.state = state;
  row.why = why;
  row.samples.clear();
}

// What all of a look's timestamps are together, of a clock that is not the wall's.
double ticks_of(const Method& method, const CasePlan& plan, uint64_t packets) {
  const auto steps = static_cast<double>(packets - 1);
  if (!method.rule.follows_pcr()) return method.rule.ticks * steps;
  const TsRate& rate = plan.source == Source::kUnevenTs ? kUnevenRate : kSteadyRate;
  return ticks_per_byte(rate) * plan.payload_bytes * steps;
}

// What is known of a case before it is measured.
Case make_case(const CasePlan& plan) {
  Case c;
  c.suite = plan.suite;
  c.environment = plan.environment->name;
  c.file = file_kind(plan.source);
  c.transport = plan.baseline->way == Way::kTcp ? Transport::kTcp : Transport::kUdp;
  c.payload_bytes = plan.payload_bytes;
  c.mtu = plan.mtu;
  c.baseline = plan.baseline->name;
  c.metric = Metric::kMachine;
  return c;
}

class CaseRun {
 public:
  CaseRun(const CasePlan& plan, const RunPlan& run, Environment& environment, Sources& sources,
          std::mt19937_64& random, Progress& progress)
      : plan_(plan),
        run_(run),
        environment_(environment),
        sources_(sources),
        random_(random),
        progress_(progress) {}

  Case measure() {
    if (const auto file = sources_.file(plan_.source)) file_bytes_ = (*file)->size();
    make_entries();
    inspect_all();
    for (unsigned round = 0; round <= run_.rounds && !interrupted(); round++)
      run_round(round);
    return finish();
  }

 private:
  void make_entries() {
    for (const Method* const method : plan_.methods) {
      entries_.push_back(make_entry(*method, false));
      if (method == plan_.baseline) entries_.push_back(make_entry(*method, true));
    }
    for (Entry& entry : entries_)
      check_possible(entry);
  }

  Entry make_entry(const Method& method, bool again) const {
    return {&method, make_row(method, std::string(plan_.baseline->name), again), few_packets()};
  }

  // Large ones are fewer: a queue may let out no more than a gigabit a second.
  uint64_t few_packets() const {
    return std::clamp<uint64_t>(kFewBytes / plan_.payload_bytes, kFewestPackets, kFewPackets);
  }

  void check_possible(Entry& entry) {
    const Method& method = *entry.method;
    const size_t bytes = kIpUdpHeaderBytes + header_bytes(method.rtp) + plan_.payload_bytes;
    const std::string missing = method.missing();
    if (!missing.empty())
      give_up(entry.row, RowState::kUnavailable, missing);
    else if (bytes > plan_.mtu && !method.no_fragments.empty())
      give_up(entry.row, RowState::kImpossible, std::string(method.no_fragments));
    else if (const std::string why = not_here(method); !why.empty())
      give_up(entry.row, RowState::kImpossible, why);
  }

  std::string not_here(const Method& method) const {
    const std::string why = method.not_at(plan_.payload_bytes);
    return why.empty() ? environment_.why_not(method.way) : why;
  }

  void inspect_all() {
    for (Entry& entry : entries_) {
      if (!entry.row.valid()) progress_.skip(run_.rounds + 2);
      if (!entry.row.valid() || interrupted()) continue;
      progress_.step(describe("looking at", entry));
      const RunOutcome outcome = run(entry, kInspectedPackets, Look::kInspect);
      entry.row.checksum = outcome.checksum;
      // A program decides for itself how many packets a file makes.
      if (entry.method->way == Way::kProgram) entry.packets = outcome.sample.packets;
      if (outcome.problem.empty() || interrupted()) continue;
      give_up(entry.row, RowState::kVoid, outcome.problem);
      progress_.skip(run_.rounds + 1);
    }
  }

  // Round 0 warms caches and finds out how many packets fill the time.
  void run_round(unsigned round) {
    const int idle_ms = std::max(kShortestIdleMs, static_cast<int>(run_.seconds * 1000));
    const double idle = idle_load(round == 0 ? kShortestIdleMs : idle_ms);
    if (round > 0) idle_loads_.push_back(idle);
    std::vector<Entry*> order;
    for (Entry& entry : entries_)
      order.push_back(&entry);
    std::shuffle(order.begin(), order.end(), random_);
    for (Entry* const entry : order) {
      if (entry->row.valid() && !interrupted()) time_entry(*entry, round, idle);
    }
  }

  void time_entry(Entry& entry, unsigned round, double idle) {
    progress_.step(describe(fmt::format("round {} of {}", round, run_.rounds), entry));
    RunOutcome outcome = run(entry, entry.packets, Look::kTimed);
    if (interrupted()) return;
    if (!outcome.problem.empty()) {
      progress_.skip(run_.rounds - round);
      return give_up(entry.row, RowState::kVoid, outcome.problem);
    }
    Sample& sample = outcome.sample;
    if (round == 0) return fill_time(entry, sample);
    sample.round = round;
    sample.machine_ns -= static_cast<int64_t>(idle * static_cast<double>(sample.wall_ns));
    entry.row.samples.push_back(std::move(sample));
  }

  void fill_time(Entry& entry, const Sample& sample) const {
    if (entry.method->way == Way::kProgram) return;
    const double seconds = static_cast<double>(sample.wall_ns) / 1e9;
    const double packets = static_cast<double>(sample.packets) * run_.seconds / seconds;
    entry.packets = std::max(few_packets(), static_cast<uint64_t>(packets));
  }

  RunOutcome run(const Entry& entry, uint64_t packets, Look look) {
    auto outcome = try_run(*entry.method, packets, look);
    if (outcome) return *std::move(outcome);
    return {{}, outcome.error().message, {}};
  }

  Result<RunOutcome> try_run(const Method& method, uint64_t packets, Look look) {
    const RunSettings settings{look, kPatienceSeconds + 10 * run_.seconds, plan_.wide_socket};
    if (method.way == Way::kProgram)
      return run_program(environment_, method, *ZC_TRY(sources_.transport_stream()), look, packets,
                         settings.limit_seconds);
    const bool stored = method.rtp == Rtp::kFile;
    const PayloadFile& file = stored
                                  ? *ZC_TRY(sources_.packetized(plan_.source, plan_.payload_bytes))
                                  : *ZC_TRY(sources_.file(plan_.source));
    const Stream stream = stream_of(file, packets, stored ? kRtpHeaderBytes : 0);
    Expected expected{look == Look::kInspect ? for_a_look(stream) : stream, file.bytes(),
                      method.rtp};
    expected.ticks = ticks_of(method, plan_, packets);
    expected.may_mark = method.rule.follows_pcr();
    return run_once(environment_, method, expected, settings);
  }

  Stream stream_of(const PayloadFile& file, uint64_t packets, size_t stored_header_bytes) const {
    return {.file = file.fd(),
            .file_bytes = file.size(),
            .payload_bytes = plan_.payload_bytes,
            .packets = packets,
            .stored_header_bytes = stored_header_bytes,
            .mapped = file.bytes()};
  }

  std::string describe(const std::string& what, const Entry& entry) const {
    return fmt::format("{} {} {} bytes  {}  {}", plan_.suite, plan_.environment->name,
                       plan_.payload_bytes, what, entry.method->name);
  }

  Case finish() {
    Case c = make_case(plan_);
    c.file_bytes = file_bytes_;
    c.idle_load = estimate(idle_loads_).median;
    const ChosenMetric chosen = choose_metric(run_.seconds, c.idle_load);
    c.metric = chosen.metric;
    c.metric_why = chosen.why;
    for (Entry& entry : entries_)
      c.rows.push_back(std::move(entry.row));
    derive_figures(c);
    return c;
  }

  const CasePlan& plan_;
  const RunPlan& run_;
  Environment& environment_;
  Sources& sources_;
  uint64_t file_bytes_ = 0;
  std::mt19937_64& random_;
  Progress& progress_;
  std::vector<Entry> entries_;
  std::vector<double> idle_loads_;
};

}  // namespace

FileKind file_kind(Source source) {
  switch (source) {
    case Source::kHot:
      return FileKind::kHot;
    case Source::kSteadyTs:
      return FileKind::kSteadyTs;
    case Source::kUnevenTs:
      return FileKind::kUnevenTs;
    default:
      return FileKind::kLarge;
  }
}

Stream for_a_look(Stream stream) {
  const uint64_t in_file = stream.packets_in_file();
  stream.first_packet = in_file > kPacketsBeforeEnd ? in_file - kPacketsBeforeEnd : 0;
  stream.first_seq = kLateSeq;
  return stream;
}

ChosenMetric choose_metric(double seconds, double idle_load) {
  if (seconds <= 0)
    return {Metric::kProcess, "runs too short for the machine's clock, which ticks every 10 ms"};
  if (idle_load > kMostIdleLoad)
    return {Metric::kProcess,
            fmt::format("the machine was not idle: {:.2f} CPUs were busy", idle_load)};
  return {Metric::kMachine, {}};
}

uint64_t steps_of(const CasePlan& plan, unsigned rounds) {
  return (plan.methods.size() + 1) * (rounds + 2);  // the baseline twice; a look and a warm-up
}

Case measure_case(const CasePlan& plan, const RunPlan& run, Environment& environment,
                  Sources& sources, std::mt19937_64& random, Progress& progress) {
  return CaseRun(plan, run, environment, sources, random, progress).measure();
}

Case unavailable_case(const CasePlan& plan, const std::string& why) {
  Case c = make_case(plan);
  for (const Method* const method : plan.methods) {
    c.rows.push_back(make_row(*method, c.baseline, false));
    give_up(c.rows.back(), RowState::kUnavailable, why);
  }
  return c;
}

}  // namespace zc::bench
