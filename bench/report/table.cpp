#include "bench/report/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/report/figures.h"

namespace zc::bench {
namespace {

std::string interval(const Estimate& estimate) {
  if (estimate.rounds == 0) return fmt::format("{:<18}", "-");
  return fmt::format("{:.3f}  {:.3f}–{:.3f}", estimate.median, estimate.low, estimate.high);
}

std::string noise_text(const Case& c) {
  const double noise = noise_floor(c);
  return noise < 0 ? "not known" : fmt::format("{:.1f} %", noise * 100);
}

// Fewer than planned after Ctrl-C.
unsigned rounds_of(const Case& c) {
  unsigned rounds = 0;
  for (const Row& row : c.rows)
    rounds = std::max(rounds, row.ns_per_packet.rounds);
  return rounds;
}

std::string heading(const Case& c, const Results& results) {
  std::string text =
      fmt::format("{}, {}, {}: {} bytes of payload, MTU {}, {} file of {} MiB\n", c.suite,
                  c.environment, c.transport, c.payload_bytes, c.mtu, c.file, c.file_bytes >> 20);
  text +=
      fmt::format("{}{} of {} rounds; CPU time of the {}{}{}; noise floor {}\n",
                  results.smoke ? "SMOKE: no figure to quote; " : "", rounds_of(c), results.rounds,
                  c.metric, c.metric_why.empty() ? "" : ": ", c.metric_why, noise_text(c));
  text += fmt::format("ratios are to {}", c.baseline);
  if (c.r_max_gbit_per_s.rounds != 0)
    text += fmt::format("; R_max {:.2f} Gbit/s", c.r_max_gbit_per_s.median);
  text += '\n';
  return text;
}

std::string zero_copy_text(const Row& row) {
  const bool asked = !row.samples.empty() && row.samples.front().zerocopy_sends != 0;
  return asked ? fmt::format("{:.0f} %", row.copied_share * 100) : "-";
}

std::string line(const Row& row) {
  const std::string name = row.method + (row.again ? " (again)" : "");
  if (!row.valid()) return fmt::format("{:<32}{}: {}\n", name, row.state, row.why);
  if (row.ns_per_packet.rounds == 0) return fmt::format("{:<32}no round\n", name);
  return fmt::format("{:<32}{:<12}{:>9.0f}  {}{:>9.3f}{:>9.3f}{:>8}{:>9.2f}{:>8.2f}  {}\n", name,
                     row.rtp, row.ns_per_packet.median, interval(row.ratio), row.calls_per_packet,
                     row.cpu_s_per_gb.median, zero_copy_text(row), row.wall_gbit_per_s.median,
                     row.errors_per_packet, row.checksum);
}

}  // namespace

std::string table(const Results& results) {
  std::string text;
  for (const Case& c : results.cases) {
    text += heading(c, results);
    text += fmt::format("{:<32}{:<12}{:>9}  {:<18}{:>9}{:>9}{:>8}{:>9}{:>8}  {}\n", "method",
                        "RTP by", "ns/packet", "ratio  95 %", "calls/pkt", "CPU s/GB", "copied",
                        "Gbit/s", "errors", "checksum");
    for (const Row& row : c.rows)
      text += line(row);
    text += '\n';
  }
  return text;
}

}  // namespace zc::bench
