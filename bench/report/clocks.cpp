// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/table.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

// What a clock may cost a packet more than the wall's, of the same file and with as many packets a
// call.
struct Promise {
  const char* ours;
  const char* against;
  FileKind file;
  std::optional<double> at_most_ns;  // nothing: no promise; 0: the noise of the run
};
constexpr FileKind kSteady = FileKind::kSteadyTs, kUneven = FileKind::kUnevenTs;
// Where the wall clock differs from itself by a larger share, nothing can be said by it.
constexpr double kMostNoise = 0.05;
constexpr const char* kOne = "clock_wall";
constexpr const char* kMany = "clock_wall_many";
constexpr std::array<Promise, 14> kPromises{{
    {"clock_samples", kOne, kSteady, 0},
    {"clock_bytes", kOne, kSteady, 0},
    {"clock_packet", kOne, kSteady, 0},
    {"clock_pcr", kOne, kSteady, 60},
    {"clock_pcr", kOne, kUneven, 250},
    {"clock_unpaced", kOne, kSteady, 0},
    {"clock_paced", kOne, kSteady, {}},
    {"clock_samples_many", kMany, kSteady, 0},
    {"clock_bytes_many", kMany, kSteady, 0},
    {"clock_packet_many", kMany, kSteady, 0},
    {"clock_pcr_many", kMany, kSteady, 60},
    {"clock_pcr_many", kMany, kUneven, 250},
    {"clock_unpaced_many", kMany, kSteady, 0},
    {"clock_paced_many", kMany, kSteady, {}},
}};

// What the wall clock twice differed by, at the far end of the interval.
double noise_ns(const Case& c) {
  const Row* const first = find_row(c, kOne);
  const auto again =
      std::find_if(c.rows.begin(), c.rows.end(), [](const Row& row) { return row.again; });
  if (first == nullptr || again == c.rows.end()) return 0;
  const Estimate noise = difference_of(*again, *first, c.metric);
  return std::max(std::abs(noise.low), std::abs(noise.high));
}

std::string judgement(const Case& c, const JudgedClock& clock) {
  if (!clock.at_most_ns) return "no bar: published";
  if (!clock.more_ns.certain()) return "too few rounds";
  const bool by_noise = *clock.at_most_ns == 0;
  if (by_noise && noise_floor(c) > kMostNoise) return "not clear: too noisy";
  const double at_most = by_noise ? clock.noise_ns : *clock.at_most_ns;
  if (clock.more_ns.low > at_most) return "missed";
  return clock.more_ns.high > at_most ? "not clear" : "met";
}

std::string why_none(const Row* row) {
  if (row == nullptr) return "not measured";
  if (!row->valid())
    return fmt::format("{} is {}: {}", row->method, to_string(row->state), row->why);
  return "no round";
}

JudgedClock judge(const Case& c, const Promise& promise) {
  JudgedClock judged{promise.ours,
                     promise.against,
                     to_string(c.file),
                     promise.at_most_ns,
                     noise_ns(c),
                     {},
                     {},
                     {}};
  const Row* const ours = find_row(c, promise.ours);
  const Row* const wall = find_row(c, promise.against);
  if (ours != nullptr && wall != nullptr) {
    judged.more_ns = difference_of(*ours, *wall, c.metric);
    judged.ratio = ratio_of(*ours, *wall, c.metric);
  }
  if (judged.more_ns.rounds > 0)
    judged.judgement = judgement(c, judged);
  else
    judged.judgement = why_none(ours == nullptr || !has_figure(*ours) ? ours : wall);
  return judged;
}

std::string line(const JudgedClock& clock) {
  std::string text = fmt::format("{:<20}{:<17}{:<11}{:>8}  ", clock.ours, clock.against, clock.file,
                                 at_most_text(clock));
  if (clock.more_ns.rounds == 0) return text + clock.judgement + "\n";
  return text + fmt::format("{:>16}  {:>16}  {}\n", with_interval(clock.more_ns, 0),
                            with_interval(clock.ratio), clock.judgement);
}

}  // namespace

std::string at_most_text(const JudgedClock& clock) {
  if (!clock.at_most_ns) return "-";
  return *clock.at_most_ns == 0 ? "noise" : fmt::format("{:.0f}", *clock.at_most_ns);
}

std::vector<JudgedClock> judge_clocks(const Results& results) {
  std::vector<JudgedClock> judged;
  for (const Case& c : results.cases) {
    if (suite_id(c.suite) != SuiteId::kClock) continue;
    for (const Promise& promise : kPromises) {
      if (promise.file == c.file) judged.push_back(judge(c, promise));
    }
  }
  return judged;
}

std::string clocks_table(const Results& results) {
  std::string text = "CPU time a packet more than by the wall clock, in ns\n";
  text += fmt::format("{:<20}{:<17}{:<11}{:>8}  {:>16}  {:>16}\n", "clock", "against", "file",
                      "at most", "more ns", "times");
  for (const JudgedClock& clock : judge_clocks(results))
    text += line(clock);
  for (const Case& c : results.cases)
    text += fmt::format("noise, {} file: {:.0f} ns\n", to_string(c.file), noise_ns(c));
  if (results.smoke) text += "SMOKE: a short run, no figures to quote\n";
  return text;
}

}  // namespace zc::bench
