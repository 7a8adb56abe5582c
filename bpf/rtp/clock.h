/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream's RTP clock: what the timestamp of one packet is. Knows no packet; what a transport
 * stream's own clock says is in clock_pcr.h. */
#ifndef ZC_RTP_CLOCK_H
#define ZC_RTP_CLOCK_H

#include "kernel.h"
#include "zc/abi/rule.h"
#include "zc/abi/stream.h"
#include "zc/clock.h"

/* What a packet's timestamp is reckoned from. */
struct zc_timing {
  __u64 now_ns;    /* CLOCK_MONOTONIC; 0: its super-packet has told the time */
  __u64 ticks_q64; /* of its rule, likewise the next one; not of a piece whose clock is wall */
  __u32 ticks_whole;
  __u32 timestamp; /* RTP's, of a clock that does not count what was sent */
  __u32 marker;    /* ZC_RTP_MARKER_BIT, or 0 */
};

/* Says whether the clock counts octets or packets: then the timestamp comes with the sequence
 * number. */
static __always_inline bool zc_clock_counts(union zc_how how) {
  return how.timestamp >= ZC_TIMESTAMP_SAMPLES;
}

static __always_inline void zc_clock_of_rule(const struct zc_options* options,
                                             struct zc_timing* timing) {
  timing->ticks_q64 = options->ticks_q64;
  timing->ticks_whole = options->ticks_whole;
}

static __always_inline __u32 zc_wall_ticks(const struct zc_stream* stream, __u64 now_ns,
                                           __u64 ticks_q64) {
  return stream->ts_base + zc_ticks(now_ns, ticks_q64);
}

/* RTP time of a packet before which so many packets and octets were sent. A payload header that we
 * put in front of the application's bytes (MPA) is none of its media. */
static __always_inline __u32 zc_counted_ticks(const struct zc_stream* stream, union zc_how how,
                                              const struct zc_timing* timing, __u64 packets,
                                              __u64 octets) {
  __u64 position =
      how.timestamp == ZC_TIMESTAMP_PACKET ? packets : octets - packets * how.payload_header_bytes;
  return stream->ts_base + zc_ticks_at(position, timing->ticks_whole, timing->ticks_q64);
}

/* Keeps for zcctl which RTP time it was when. */
static __always_inline void zc_clock_note(struct zc_stream* stream, __u32 timestamp, __u64 now_ns) {
  stream->last_ts = timestamp;
  if (!now_ns) return;
  stream->last_ns = now_ns;
  *(volatile __u64*)&stream->mapping = zc_mapping(timestamp, now_ns);
}

#endif /* ZC_RTP_CLOCK_H */
