/* SPDX-License-Identifier: GPL-2.0-only */
/* When a packet of a stream may leave that has a bit rate. Knows no packet. */
#ifndef ZC_DEPART_RATE_H
#define ZC_DEPART_RATE_H

#include "maps/paces.h"
#include "maps/rules.h"

/* What a stream may catch up with that was not later: a timer that comes late, a sender that was
 * not scheduled. Who comes later begins anew. */
#define ZC_PACE_CREDIT_NS 5000000ull
#define ZC_PACE_TRIES 8 /* CPUs that send one stream at the same moment */

/* How long a payload takes at the rate. */
static __always_inline __u64 zc_payload_ns(__u32 payload, __u64 rate_bps) {
  return rate_bps ? payload * 8000000000ull / rate_bps : 0;
}

/* CLOCK_MONOTONIC at which a packet may leave; the next one of its stream, so much later. */
static __always_inline __u64 zc_depart_by_rate(struct zc_waiting* entry, __u64 rate_bps,
                                               __u32 payload) {
  __u64 now_ns = bpf_ktime_get_ns(), takes_ns = zc_payload_ns(payload, rate_bps);

  entry->clock.flags = 0; /* --rate auto begins anew, from here on */
  entry->clock.at_byte = entry->octets;
  entry->anchor_ns = 0;
  for (__u32 i = 0; i < ZC_PACE_TRIES; i++) {
    __u64 next_ns = *(volatile __u64*)&entry->next_ns, at_ns = next_ns;
    if (at_ns < now_ns - ZC_PACE_CREDIT_NS) at_ns = now_ns;
    if (__sync_bool_compare_and_swap(&entry->next_ns, next_ns, at_ns + takes_ns)) return at_ns;
  }
  return __sync_fetch_and_add(&entry->next_ns, takes_ns);
}

#endif /* ZC_DEPART_RATE_H */
