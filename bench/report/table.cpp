// SPDX-License-Identifier: GPL-2.0-only
#include "report/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/figures.h"

namespace zc::bench {
namespace {

std::string interval(const Estimate& estimate) {
  if (estimate.rounds == 0) return "–";
  return fmt::format("{:.3f}  {:.3f}–{:.3f}", estimate.median, estimate.low, estimate.high);
}

std::string heading(const Case& c, const Results& results) {
  std::string text = fmt::format("{}, {}, {}: {} bytes of payload, MTU {}, {} file of {} MiB\n",
                                 c.suite, c.environment, to_string(c.transport), c.payload_bytes,
                                 c.mtu, to_string(c.file), c.file_bytes >> 20);
  text +=
      fmt::format("{}{} of {} rounds; CPU time of the {}{}{}; noise floor {}\n",
                  results.smoke ? "SMOKE: no figure to quote; " : "", rounds_of(c), results.rounds,
                  to_string(c.metric), c.metric_why.empty() ? "" : ": ", c.metric_why, noise_of(c));
  text += fmt::format("ratios are to {}", c.baseline);
  if (c.r_max_gbit_per_s.rounds != 0)
    text += fmt::format("; R_max {:.2f} Gbit per CPU second", c.r_max_gbit_per_s.median);
  const std::string note = ranges_note(c);
  return text + (note.empty() ? "" : "; " + note) + "\n";
}

std::string line(const Row& row) {
  const std::string name = row.method + (row.again ? " (again)" : "");
  if (!row.valid()) return fmt::format("{:<32}{}: {}\n", name, to_string(row.state), row.why);
  if (!has_figure(row)) return fmt::format("{:<32}no round\n", name);
  return fmt::format("{:<32}{:<12}{:>9.0f}  {:<18}{:>9}{:>9.3f}{:>8}{:>9.2f}{:>8.2f}  {}\n", name,
                     to_string(row.rtp), row.ns_per_packet.median, interval(row.ratio),
                     calls_text(row), row.cpu_s_per_gb.median, copied_text(row),
                     row.wall_gbit_per_s.median, row.errors_per_packet, row.checksum);
}

// Letters, not bytes: "–" has three of these.
size_t letters(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

std::string table(const Results& results) {
  std::string text;
  for (const Case& c : results.cases) {
    const char* const ratio = ranges_note(c).empty() ? "ratio  95 %" : "ratio  range";
    text += heading(c, results);
    text += fmt::format("{:<32}{:<12}{:>9}  {:<18}{:>9}{:>9}{:>8}{:>9}{:>8}  {}\n", "method",
                        "RTP by", "ns/packet", ratio, "calls/pkt", "CPU s/GB", "copied", "Gbit/s",
                        "errors", "checksum");
    for (const Row& row : c.rows)
      text += line(row);
    text += '\n';
  }
  return text;
}

std::string in_brackets(const Estimate& estimate, const std::string& text) {
  return estimate.certain() ? "(" + text + ")" : "[" + text + "]";
}

std::string with_interval(const Estimate& estimate, int digits) {
  if (estimate.rounds == 0) return "–";
  const std::string range =
      fmt::format("{:.{}f}–{:.{}f}", estimate.low, digits, estimate.high, digits);
  return fmt::format("{:.{}f} {}", estimate.median, digits, in_brackets(estimate, range));
}

std::string noise_of(const Case& c) {
  const double noise = noise_floor(c);
  return noise < 0 ? "not known" : fmt::format("{:.1f} %", noise * 100);
}

std::string calls_text(const Row& row) {
  return row.transport == Transport::kProgram ? "–" : fmt::format("{:.3g}", row.calls_per_packet);
}

std::string copied_text(const Row& row) {
  const bool asked = std::any_of(row.samples.begin(), row.samples.end(),
                                 [](const Sample& sample) { return sample.zerocopy_sends > 0; });
  return asked ? fmt::format("{:.0f} %", row.copied_share * 100) : "–";
}

std::string ranges_note(const Case& c) {
  const bool few = std::any_of(c.rows.begin(), c.rows.end(), [](const Row& row) {
    return has_figure(row) && !row.ns_per_packet.certain();
  });
  return few ? fmt::format("fewer than {} rounds: ranges, no intervals", kFewestRounds) : "";
}

std::string in_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); i++)
      widths[i] = std::max(widths[i], letters(row[i]) + 2);
  }
  std::string text;
  for (const auto& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); i++)
      text += row[i] + std::string(widths[i] - letters(row[i]), ' ');
    text += (row.empty() ? "" : row.back()) + "\n";
  }
  return text;
}

}  // namespace zc::bench
