/* SPDX-License-Identifier: GPL-2.0-only */
/* When a packet of a transport stream may leave by the time that its PCRs tell (--rate auto). The
 * clock is one of its own: that of the stream's timestamps is at what leaves, this one at what
 * comes to wait. */
#ifndef ZC_DEPART_MEDIA_H
#define ZC_DEPART_MEDIA_H

#include "egress/pcr.h"
#include "maps/paces.h"

#define ZC_MEDIA_LATE_NS 500000000ull /* a sender that comes later is not hurried after */
#define ZC_MEDIA_LONG_Q32 (ZC_CLOCK_SECOND_Q32 * 1000) /* products beyond would not fit */

/* Nanoseconds of RTP ticks at 90 kHz, times 2^32: 11111 1/9 each. */
static __always_inline __u64 zc_media_ns(__u64 q32) {
  return ((q32 >> 16) * 11111 >> 16) + (q32 >> 32) / 9;
}

/* The time of leaving of what the media's time is `q32` of. Anchors the one to the other at the
 * first packet, and where the sender is too late, or the stream has run for long. */
static __always_inline __u64 zc_media_departure(struct zc_waiting* entry, __u64 q32) {
  __u64 now_ns = bpf_ktime_get_ns(), run = q32 - entry->anchor_q32;
  __u64 at_ns = entry->anchor_ns + zc_media_ns(run);
  bool back = (__s64)run < 0; /* an uneven rate's newest PCR: the packet before says when */
  if (back) at_ns = entry->next_ns;
  bool late = !entry->anchor_ns || at_ns + ZC_MEDIA_LATE_NS < now_ns;

  if (late) at_ns = now_ns;
  if (late || (!back && run > ZC_MEDIA_LONG_Q32)) {
    entry->anchor_ns = at_ns;
    entry->anchor_q32 = q32;
  }
  return at_ns;
}

/* CLOCK_MONOTONIC at which the packet may leave, never before the one that came before it; at once
 * as long as the stream has shown no two PCRs. */
__noinline __u64 zc_depart_by_media(struct __sk_buff* skb, __u32 off, __u32 payload,
                                    struct zc_waiting* entry, __u32 wanted_pid) {
  struct zc_clock_place* place = zc_place();
  if (!entry || !place) return 0; /* never: for the verifier */
  if (!zc_clock_enter(&entry->clock)) return entry->next_ns;

  place->first_byte = entry->octets;
  place->wall = 0;
  place->payload_off = off;
  place->wanted_pid = wanted_pid;
  if (!zc_clock_is_blind(&entry->clock, entry->octets + payload))
    zc_pcr_scan(skb, payload, &entry->clock, place);
  __u64 at_ns = bpf_ktime_get_ns();
  if (entry->clock.flags & ZC_CLOCK_LOCKED)
    at_ns = zc_media_departure(entry, zc_clock_time(&entry->clock, entry->octets));
  if (at_ns < entry->next_ns) at_ns = entry->next_ns;
  entry->octets += payload;
  entry->next_ns = at_ns;
  zc_clock_leave(&entry->clock);
  return at_ns;
}

#endif /* ZC_DEPART_MEDIA_H */
