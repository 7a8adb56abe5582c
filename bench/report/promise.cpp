// SPDX-License-Identifier: GPL-2.0-only
#include "promise.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/figures.h"

namespace zc::bench {
namespace {

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

}  // namespace

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

std::string judged_line(const JudgedBar& bar) {
  std::string text =
      fmt::format("{:<18}{:<37}{:<9}{:>5}{:>9}{:>8}  ", bar.ours, bar.against, bar.environment,
                  bar.payload_bytes, bar_text(bar.at_most), bar_text(bar.strive));
  if (bar.ratio.rounds == 0) return text + bar.judgement + "\n";
  return text + fmt::format("{:.3f}  {:.3f}–{:.3f}  {}\n", bar.ratio.median, bar.ratio.low,
                            bar.ratio.high, bar.judgement);
}

std::string judged_heading() {
  return fmt::format("{:<18}{:<37}{:<9}{:>5}{:>9}{:>8}  {}\n", "ours", "against", "device", "bytes",
                     "at most", "strive", "here   95 %");
}

}  // namespace zc::bench
