#include "bench/measure/rounds.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/measure/cpu.h"
#include "bench/measure/interrupt.h"
#include "bench/measure/program_run.h"
#include "bench/measure/single_run.h"
#include "bench/report/figures.h"

namespace zc::bench {
namespace {

constexpr uint64_t kInspectedPackets = 500;
// Of a run in smoke mode, and of the first one, from which the length of the others is reckoned.
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

Row make_row(const Method& method, const std::string& baseline, bool again) {
  Row row;
  row.method = method.name;
  row.again = again;
  row.relative_to = baseline;
  row.paper = method.paper;
  row.transport = to_string(method.way);
  row.rtp = to_string(method.rtp);
  row.header_bytes = static_cast<unsigned>(header_bytes(method.rtp));
  return row;
}

void give_up(Row& row, const char* state, const std::string& why) {
  row.state = state;
  row.why = why;
  row.samples.clear();
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
    if (const auto file = sources_.file(plan_.hot)) file_bytes_ = (*file)->size();
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
      give_up(entry.row, "unavailable", missing);
    else if (bytes > plan_.mtu && !method.no_fragments.empty())
      give_up(entry.row, "impossible", std::string(method.no_fragments));
    else if (const std::string why = not_here(method); !why.empty())
      give_up(entry.row, "impossible", why);
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
      give_up(entry.row, "void", outcome.problem);
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
      return give_up(entry.row, "void", outcome.problem);
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
    const double limit_seconds = kPatienceSeconds + 10 * run_.seconds;
    if (method.way == Way::kProgram)
      return run_program(environment_, method, *ZC_TRY(sources_.transport_stream()), look, packets,
                         limit_seconds);
    const bool stored = method.rtp == Rtp::kFile;
    const PayloadFile& file = stored ? *ZC_TRY(sources_.packetized(plan_.hot, plan_.payload_bytes))
                                     : *ZC_TRY(sources_.file(plan_.hot));
    const Stream stream{.file = file.fd(),
                        .file_bytes = file.size(),
                        .payload_bytes = plan_.payload_bytes,
                        .packets = packets,
                        .stored_header_bytes = stored ? kRtpHeaderBytes : 0,
                        .mapped = file.bytes()};
    return run_once(environment_, method, {stream, file.bytes(), method.rtp}, look, limit_seconds);
  }

  std::string describe(const std::string& what, const Entry& entry) const {
    return fmt::format("{} {} {} bytes  {}  {}", plan_.suite, plan_.environment->name,
                       plan_.payload_bytes, what, entry.method->name);
  }

  Case finish() {
    Case c;
    c.suite = plan_.suite;
    c.environment = plan_.environment->name;
    c.file = plan_.hot ? "hot" : "large";
    c.transport = plan_.baseline->way == Way::kTcp ? "TCP" : "UDP";
    c.file_bytes = file_bytes_;
    c.payload_bytes = plan_.payload_bytes;
    c.mtu = plan_.mtu;
    c.baseline = plan_.baseline->name;
    c.idle_load = estimate(idle_loads_).median;
    choose_metric(c);
    for (Entry& entry : entries_)
      c.rows.push_back(std::move(entry.row));
    derive_figures(c);
    return c;
  }

  void choose_metric(Case& c) const {
    c.metric = "process";
    if (run_.seconds <= 0)
      c.metric_why = "runs too short for the machine's clock, which ticks every 10 ms";
    else if (c.idle_load > kMostIdleLoad)
      c.metric_why = fmt::format("the machine was not idle: {:.2f} CPUs were busy", c.idle_load);
    else
      c.metric = "machine";
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

uint64_t steps_of(const CasePlan& plan, unsigned rounds) {
  return (plan.methods.size() + 1) * (rounds + 2);  // the baseline twice; a look and a warm-up
}

Case measure_case(const CasePlan& plan, const RunPlan& run, Environment& environment,
                  Sources& sources, std::mt19937_64& random, Progress& progress) {
  return CaseRun(plan, run, environment, sources, random, progress).measure();
}

}  // namespace zc::bench
