#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/report/figures.h"
#include "bench/report/table.h"

namespace zc::bench {
namespace {

// What krtpsendfile may cost, as a share of another's CPU time a packet. 0: no promise.
struct Bar {
  const char* against;  // for people
  const char* method;
  const char* environment;
  unsigned payload_bytes;
  double at_most, strive;
};
constexpr std::array<Bar, 6> kBars{{
    {"read + writev per packet", "read_writev", "nic", 1388, 0.32, 0.25},
    {"cork + send + sendfile + uncork", "rtp_sendfile", "nic", 1388, 0.22, 0.15},
    {"writev + UDP_SEGMENT, app's headers", "udp_segment_writev", "nic", 1388, 0.88, 0.75},
    {"writev + UDP_SEGMENT, app's headers", "udp_segment_writev", "nic", 8936, 0.60, 0.50},
    {"sendfile + UDP_SEGMENT, no RTP", "sendfile_segment_bare", "nic", 1388, 1.5, 1.3},
    {"writev + UDP_SEGMENT, hardware cuts", "udp_segment_writev", "nic-uso", 1388, 0, 0},
}};

const Case* find_case(const Results& results, const Bar& bar) {
  const auto found = std::find_if(results.cases.begin(), results.cases.end(), [&](const Case& c) {
    return c.environment == bar.environment && c.payload_bytes == bar.payload_bytes &&
           find_row(c, bar.method) != nullptr && find_row(c, "krtpsendfile") != nullptr;
  });
  return found == results.cases.end() ? nullptr : &*found;
}

// No claim where the interval crosses the bar.
std::string judgement(const Bar& bar, const Estimate& ratio) {
  if (bar.at_most == 0) return "no bar: published";
  if (ratio.low > bar.at_most) return "missed";
  if (ratio.high > bar.at_most) return "not clear";
  return ratio.high <= bar.strive ? "met, and what we strive for" : "met";
}

std::string why_none(const Case* c, const Bar& bar) {
  if (c == nullptr) return "not measured";
  for (const char* const name : {"krtpsendfile", bar.method}) {
    const Row& row = *find_row(*c, name);
    if (!row.valid()) return fmt::format("{} is {}: {}", name, row.state, row.why);
  }
  return "no round";
}

std::string bar_text(double bar) {
  return bar == 0 ? "-" : fmt::format("{:.2f}", bar);
}

std::string line(const Results& results, const Bar& bar) {
  const Case* const c = find_case(results, bar);
  const Estimate ratio =
      c == nullptr ? Estimate{}
                   : ratio_of(*find_row(*c, "krtpsendfile"), *find_row(*c, bar.method), c->metric);
  std::string text = fmt::format("{:<37}{:<9}{:>5}{:>9}{:>8}  ", bar.against, bar.environment,
                                 bar.payload_bytes, bar_text(bar.at_most), bar_text(bar.strive));
  if (ratio.rounds == 0) return text + why_none(c, bar) + "\n";
  return text + fmt::format("{:.3f}  {:.3f}–{:.3f}  {}\n", ratio.median, ratio.low, ratio.high,
                            judgement(bar, ratio));
}

}  // namespace

std::string bars_table(const Results& results) {
  std::string text = "krtpsendfile: CPU time per packet, relative to\n";
  text += fmt::format("{:<37}{:<9}{:>5}{:>9}{:>8}  {}\n", "against", "device", "bytes", "at most",
                      "strive", "here   95 %");
  for (const Bar& bar : kBars)
    text += line(results, bar);
  if (results.smoke) text += "SMOKE: a short run, no figures to quote\n";
  return text;
}

}  // namespace zc::bench
