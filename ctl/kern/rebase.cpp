// SPDX-License-Identifier: GPL-2.0-only
#include "rebase.h"

#include "zc/clock.h"

namespace zc::kern {
namespace {

// Ticks since what the clock follows stood at 0. A clock that follows PCRs is the wall's until it
// meets one.
uint32_t ticks_of(const zc_stream& stream, const zc_options& options, uint64_t now_ns) {
  uint64_t position = now_ns;
  if (options.how.timestamp == ZC_TIMESTAMP_SAMPLES || options.how.timestamp == ZC_TIMESTAMP_BYTES)
    position = stream.octets;
  if (options.how.timestamp == ZC_TIMESTAMP_PACKET) position = stream.next_seq - stream.first_seq;
  return zc_ticks_at(position, options.ticks_whole, options.ticks_q64);
}

}  // namespace

uint32_t rebase(const zc_stream& stream, const zc_options& before, const zc_options& after,
                uint64_t now_ns) {
  uint32_t now = stream.ts_base + ticks_of(stream, before, now_ns);
  if (before.how.timestamp == ZC_TIMESTAMP_PCR)  // of which only the newest packet's time is known
    now = stream.last_ts + zc_ticks(now_ns - stream.last_ns, before.ticks_q64);
  return now - ticks_of(stream, after, now_ns);
}

}  // namespace zc::kern
