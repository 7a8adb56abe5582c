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

uint64_t packets_of(const api::StreamEntry& entry) {
  return entry.stream.next_seq - entry.stream.first_seq;
}

// Equally busy ones in the order of their addresses, so that the same streams read the same.
bool is_busier(const api::StreamEntry* one, const api::StreamEntry* other) {
  if (packets_of(*one) != packets_of(*other)) return packets_of(*one) > packets_of(*other);
  return std::memcmp(&one->flow, &other->flow, sizeof(zc_flow)) < 0;
}

// Of a stream whose clock follows PCRs and has seen one.
std::string clock_text(const zc_clock& clock) {
  if (!(clock.flags & ZC_CLOCK_BEGUN)) return "";
  return fmt::format(" pcr-pid {} {}", clock.pid,
                     clock.flags & ZC_CLOCK_LOCKED ? "locked" : "not locked");
}

void add_line(std::string& text, const api::StreamEntry& entry) {
  const zc_stream& stream = entry.stream;
  fmt::format_to(std::back_inserter(text),
                 "  stream {} -> {} ssrc 0x{:08x} seq {} ts {} packets {} octets {}{}\n",
                 core::source_of(entry.flow).text(), core::destination_of(entry.flow).text(),
                 stream.ssrc, static_cast<uint16_t>(stream.next_seq - 1), stream.last_ts,
                 packets_of(entry), stream.octets, clock_text(entry.clock));
}

std::string totals_text(const std::vector<api::StreamEntry>& streams) {
  uint64_t packets = 0, octets = 0;
  for (const api::StreamEntry& entry : streams) {
    packets += packets_of(entry);
    octets += entry.stream.octets;
  }
  return fmt::format("  {} streams: {} packets, {} octets\n", streams.size(), packets, octets);
}

std::string busiest_text(const std::vector<api::StreamEntry>& streams) {
  std::vector<const api::StreamEntry*> busiest;
  busiest.reserve(streams.size());
  for (const api::StreamEntry& entry : streams)
    busiest.push_back(&entry);
  std::partial_sort(busiest.begin(), busiest.begin() + kBusiestStreams, busiest.end(), is_busier);
  std::string text;
  for (size_t i = 0; i < kBusiestStreams; i++)
    add_line(text, *busiest[i]);
  return text + fmt::format("  ... and {} streams with fewer packets: `show --all` lists them\n",
                            streams.size() - kBusiestStreams);
}

}  // namespace

std::string streams_text(const std::vector<api::StreamEntry>& streams, Streams which) {
  std::string text;
  if (streams.size() > kBusiestStreams) text = totals_text(streams);
  if (which == Streams::kBusiest && streams.size() > kBusiestStreams)
    return text + busiest_text(streams);
  for (const api::StreamEntry& entry : streams)
    add_line(text, entry);
  return text;
}

}  // namespace zc::out
