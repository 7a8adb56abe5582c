// SPDX-License-Identifier: GPL-2.0-only
#include "rebase.h"

#include "zc/clock.h"

namespace zc::kern {
namespace {

// Where what the clock follows stands, as the program has it (bpf/rtp/clock.h): a payload header
// that it puts in front (MPA) is none of the media's octets. A clock that follows PCRs is the
// wall's until it meets one.
uint64_t position_of(const zc_stream& stream, union zc_how how, uint64_t now_ns) {
  const uint64_t packets = stream.next_seq - stream.first_seq;
  switch (static_cast<zc_timestamp>(how.timestamp)) {
    case ZC_TIMESTAMP_SAMPLES:
    case ZC_TIMESTAMP_BYTES:
      return stream.octets - packets * how.payload_header_bytes;
    case ZC_TIMESTAMP_PACKET:
      return packets;
    case ZC_TIMESTAMP_WALL:
    case ZC_TIMESTAMP_PCR:
      break;
  }
  return now_ns;
}

// Ticks since what the clock follows stood at 0.
uint32_t ticks_of(const zc_stream& stream, const zc_options& options, uint64_t now_ns) {
  return zc_ticks_at(position_of(stream, options.how, now_ns), options.ticks_whole,
                     options.ticks_q64);
}

}  // namespace

uint32_t rebase(const zc_stream& stream, const zc_options& before, const zc_options& after,
                uint64_t now_ns) {
  uint32_t now = stream.ts_base + ticks_of(stream, before, now_ns);
  if (before.how.timestamp == ZC_TIMESTAMP_PCR)  // of which only the newest packet's time is known
    now = stream.last_ts + (now_ns > stream.last_ns
                                ? zc_ticks(now_ns - stream.last_ns, before.ticks_q64)
                                : 0);  // one has left since `now_ns` was read
  return now - ticks_of(stream, after, now_ns);
}

}  // namespace zc::kern
