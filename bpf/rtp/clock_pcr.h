/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock of a stream that follows its PCRs. Reads TS packets that somebody has copied into
 * memory; knows no packet. */
#ifndef ZC_RTP_CLOCK_PCR_H
#define ZC_RTP_CLOCK_PCR_H

#include "maps/clocks.h"
#include "rtp/clock.h"
#include "rtp/stream.h"
#include "zc/pcr.h"

static __always_inline struct zc_clock* zc_clock_at(__u32 slot) {
  return bpf_map_lookup_elem(&zc_clocks, &slot);
}

/* One CPU at a time: another that comes meanwhile takes the time of the packet before. */
static __always_inline bool zc_clock_enter(struct zc_clock* clock) {
  return __sync_lock_test_and_set(&clock->busy, 1) == 0;
}

static __always_inline void zc_clock_leave(struct zc_clock* clock) {
  __sync_lock_test_and_set(&clock->busy, 0);
}

/* A global function: verified once, not once for each TS packet of a datagram. Returns the marker.
 */
__noinline __u32 zc_pcr_take(struct zc_clock* clock, const struct zc_clock_place* place,
                             const struct zc_ts_head* head, __u64 byte) {
  if (!clock || !place || !head) return 0; /* never: for the verifier */
  return zc_clock_take(clock, place, head->bytes, byte) ? ZC_RTP_MARKER_BIT : 0;
}

/* RTP time of the stream's byte `byte`: the wall's until two PCRs were seen. Never back. */
static __always_inline __u32 zc_pcr_timestamp(const struct zc_clock* clock,
                                              const struct zc_stream* stream, __u64 byte,
                                              __u32 wall) {
  if (!(clock->flags & ZC_CLOCK_LOCKED)) return wall;
  __u32 timestamp = zc_clock_time(clock, byte) >> 32;
  return (__s32)(timestamp - stream->last_ts) < 0 ? stream->last_ts : timestamp;
}

#endif /* ZC_RTP_CLOCK_PCR_H */
