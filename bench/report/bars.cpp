// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/table.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

// What a way of zcctl's may cost, as a share of another's CPU time a packet. 0: no promise.
struct Promise {
  const char* ours;
  const char* against;              // for people
  std::array<const char*, 3> ways;  // of doing the same; the fastest one here counts
  EnvironmentId environment;
  unsigned payload_bytes;
  double at_most, strive;
};
constexpr EnvironmentId kNic = EnvironmentId::kNic, kUso = EnvironmentId::kNicUso;
// The application's headers, writev on a socket with UDP_SEGMENT: a file that was mapped and
// touched before the clock started, one that is mapped for the occasion, one that is read.
constexpr std::array<const char*, 3> kRival{"udp_segment_writev_premapped", "udp_segment_writev",
                                            "udp_segment_read_writev"};
constexpr const char* kRivalText = "writev + UDP_SEGMENT, the fastest";
constexpr const char* kEach = "read + writev per packet";
constexpr const char* kBareText = "sendfile per packet, no RTP";
constexpr const char* kCork = "cork + send + sendfile + uncork";
constexpr const char* kFloorText = "sendfile + UDP_SEGMENT, no RTP";
constexpr std::array<const char*, 3> kBare{"sendfile_bare"}, kFloor{"sendfile_segment_bare"};
constexpr std::array<Promise, 13> kBars{{
    {"krtpsendfile", kRivalText, kRival, kNic, 1388, 1.30, 1.15},
    {"krtpsendfile_sum", kRivalText, kRival, kNic, 1388, 1.80, 1.50},
    {"krtpsendfile", kEach, {"read_writev"}, kNic, 1388, 0.29, 0.25},
    {"krtpsendfile_sum", kEach, {"read_writev"}, kNic, 1388, 0.38, 0.32},
    {"rtpsendfile", kBareText, kBare, kNic, 1388, 1.20, 1.10},
    {"rtpsendfile_sum", kBareText, kBare, kNic, 1388, 1.35, 1.25},
    {"krtpsendfile", kCork, {"rtp_sendfile"}, kNic, 1388, 0.22, 0.15},
    {"krtpsendfile", kFloorText, kFloor, kNic, 1388, 1.60, 1.30},
    {"krtpsendfile_sum", kFloorText, kFloor, kNic, 1388, 0, 0},
    {"krtpsendfile", kRivalText, kRival, kNic, 8936, 0.60, 0.50},
    {"krtpsendfile_sum", kRivalText, kRival, kNic, 8936, 0, 0},
    {"krtpsendfile", "writev + UDP_SEGMENT, hardware cuts", kRival, kUso, 1388, 0, 0},
    {"krtpsendfile_sum", "writev + UDP_SEGMENT, hardware cuts", kRival, kUso, 1388, 0, 0},
}};

// The way with the smallest figure of those that the case has; one without a figure if none has.
const Row* fastest(const Case& c, const Promise& bar) {
  const Row* best = nullptr;
  for (const char* const way : bar.ways) {
    const Row* const row = way == nullptr ? nullptr : find_row(c, way);
    if (row == nullptr) continue;
    const bool beats = best == nullptr || !has_figure(*best) ||
                       row->ns_per_packet.median < best->ns_per_packet.median;
    if (best == nullptr || (has_figure(*row) && beats)) best = row;
  }
  return best;
}

Estimate ratio_in(const Case& c, const Promise& bar) {
  return ratio_of(*find_row(c, bar.ours), *fastest(c, bar), c.metric);
}

// The first that has both; a later one only for what the first lacks: enough rounds.
const Case* find_case(const Results& results, const Promise& bar) {
  const Case* found = nullptr;
  for (const Case& c : results.cases) {
    const bool fits = environment_id(c.environment) == bar.environment &&
                      c.payload_bytes == bar.payload_bytes && fastest(c, bar) != nullptr &&
                      find_row(c, bar.ours) != nullptr;
    if (!fits) continue;
    if (found == nullptr || (!ratio_in(*found, bar).certain() && ratio_in(c, bar).certain()))
      found = &c;
  }
  return found;
}

// No claim where the interval crosses the bar, or where there is none.
std::string judgement(const Promise& bar, const Estimate& ratio) {
  if (bar.at_most == 0) return "no bar: published";
  if (!ratio.certain()) return "too few rounds";
  if (ratio.low > bar.at_most) return "missed";
  if (ratio.high > bar.at_most) return "not clear";
  return ratio.high <= bar.strive ? "met, and what we strive for" : "met";
}

std::string why_none(const Case* c, const Promise& bar) {
  if (c == nullptr) return "not measured";
  for (const Row* const row : {find_row(*c, bar.ours), fastest(*c, bar)}) {
    if (!row->valid())
      return fmt::format("{} is {}: {}", row->method, to_string(row->state), row->why);
  }
  return "no round";
}

std::string bar_text(double bar) {
  return bar == 0 ? "-" : fmt::format("{:.2f}", bar);
}

JudgedBar judge(const Results& results, const Promise& bar) {
  JudgedBar judged{
      bar.ours, bar.against, to_string(bar.environment), bar.payload_bytes, bar.at_most, bar.strive,
      {},       {}};
  const Case* const c = find_case(results, bar);
  if (c != nullptr) judged.ratio = ratio_in(*c, bar);
  judged.judgement = judged.ratio.rounds == 0 ? why_none(c, bar) : judgement(bar, judged.ratio);
  // Which way it was, where there is a choice.
  if (judged.ratio.rounds != 0 && bar.ways[1] != nullptr)
    judged.judgement += "; to " + fastest(*c, bar)->method;
  return judged;
}

std::string line(const JudgedBar& bar) {
  std::string text =
      fmt::format("{:<18}{:<37}{:<9}{:>5}{:>9}{:>8}  ", bar.ours, bar.against, bar.environment,
                  bar.payload_bytes, bar_text(bar.at_most), bar_text(bar.strive));
  if (bar.ratio.rounds == 0) return text + bar.judgement + "\n";
  return text + fmt::format("{:.3f}  {:.3f}–{:.3f}  {}\n", bar.ratio.median, bar.ratio.low,
                            bar.ratio.high, bar.judgement);
}

}  // namespace

std::vector<JudgedBar> judge_bars(const Results& results) {
  std::vector<JudgedBar> judged;
  judged.reserve(kBars.size());
  for (const Promise& bar : kBars)
    judged.push_back(judge(results, bar));
  return judged;
}

std::string bars_table(const Results& results) {
  std::string text = "CPU time per packet, relative to another way's\n";
  text += fmt::format("{:<18}{:<37}{:<9}{:>5}{:>9}{:>8}  {}\n", "ours", "against", "device",
                      "bytes", "at most", "strive", "here   95 %");
  for (const JudgedBar& bar : judge_bars(results))
    text += line(bar);
  if (results.smoke) text += "SMOKE: a short run, no figures to quote\n";
  return text;
}

}  // namespace zc::bench
