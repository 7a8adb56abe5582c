// SPDX-License-Identifier: GPL-2.0-only
#include "streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/rule.h"

namespace zc::out {
namespace {

constexpr size_t kBusiestStreams = 10;

uint64_t packets_of(const core::StreamStatus& entry) {
  return entry.stream.next_seq - entry.stream.first_seq;
}

// Equally busy ones in the order of their addresses, so that the same streams read the same.
bool is_busier(const core::StreamStatus* one, const core::StreamStatus* other) {
  if (packets_of(*one) != packets_of(*other)) return packets_of(*one) > packets_of(*other);
  return std::memcmp(&one->flow, &other->flow, sizeof(zc_flow)) < 0;
}

// Of a stream whose clock follows PCRs and has seen one.
std::string clock_text(const zc_clock& clock) {
  if (!(clock.flags & ZC_CLOCK_BEGUN)) return "";
  return fmt::format(" pcr-pid {} {}", clock.pid,
                     clock.flags & ZC_CLOCK_LOCKED ? "locked" : "not locked");
}

// In seconds; of long ones in days, too: " age 0.013 s", " age 3.2 d".
std::string age_text(const core::StreamStatus& entry) {
  constexpr double kDay = 86400, kExact = 100;
  if (!entry.age_ns) return "";
  const double seconds = static_cast<double>(*entry.age_ns) / 1e9;
  if (seconds < kExact) return fmt::format(" age {:.3f} s", seconds);
  return seconds < kDay ? fmt::format(" age {:.0f} s", seconds)
                        : fmt::format(" age {:.1f} d", seconds / kDay);
}

std::string rate_text(const core::StreamStatus& entry) {
  return entry.rate_bps ? " rate " + bit_rate_text(*entry.rate_bps) : "";
}

void add_line(std::string& text, const core::StreamStatus& entry) {
  const zc_stream& stream = entry.stream;
  fmt::format_to(std::back_inserter(text),
                 "  stream {} -> {} ssrc 0x{:08x} seq {} ts {} packets {} octets {}{}{}{}\n",
                 core::source_of(entry.flow).text(), core::destination_of(entry.flow).text(),
                 stream.ssrc, static_cast<uint16_t>(stream.next_seq - 1), stream.last_ts,
                 packets_of(entry), stream.octets, age_text(entry), rate_text(entry),
                 clock_text(entry.clock));
}

std::string totals_text(const std::vector<core::StreamStatus>& streams) {
  uint64_t packets = 0, octets = 0;
  for (const core::StreamStatus& entry : streams) {
    packets += packets_of(entry);
    octets += entry.stream.octets;
  }
  return fmt::format("  {} streams: {} packets, {} octets\n", streams.size(), packets, octets);
}

std::string busiest_text(const std::vector<core::StreamStatus>& streams) {
  std::vector<const core::StreamStatus*> busiest;
  busiest.reserve(streams.size());
  for (const core::StreamStatus& entry : streams)
    busiest.push_back(&entry);
  std::partial_sort(busiest.begin(), busiest.begin() + kBusiestStreams, busiest.end(), is_busier);
  std::string text;
  for (size_t i = 0; i < kBusiestStreams; i++)
    add_line(text, *busiest[i]);
  return text + fmt::format("  ... and {} streams with fewer packets: `show --all` lists them\n",
                            streams.size() - kBusiestStreams);
}

}  // namespace

std::string bit_rate_text(uint64_t bps) {
  constexpr double kMega = 1e6, kKilo = 1e3;
  const auto rate = static_cast<double>(bps);
  if (rate >= kMega) return fmt::format("{:.3f} Mb/s", rate / kMega);
  return rate >= kKilo ? fmt::format("{:.1f} kb/s", rate / kKilo) : fmt::format("{} b/s", bps);
}

std::string rates_text(const std::vector<core::StreamStatus>& streams, uint32_t rule) {
  uint64_t bps = 0;
  bool looked = false;
  for (const core::StreamStatus& entry : streams) {
    if (entry.stream.rule != rule || !entry.rate_bps) continue;
    bps += *entry.rate_bps;
    looked = true;
  }
  return looked ? bit_rate_text(bps) : "";
}

std::string streams_text(const std::vector<core::StreamStatus>& streams, Streams which) {
  std::string text;
  if (streams.size() > kBusiestStreams) text = totals_text(streams);
  if (which == Streams::kBusiest && streams.size() > kBusiestStreams)
    return text + busiest_text(streams);
  for (const core::StreamStatus& entry : streams)
    add_line(text, entry);
  return text;
}

}  // namespace zc::out
