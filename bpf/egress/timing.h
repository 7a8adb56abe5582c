/* SPDX-License-Identifier: GPL-2.0-only */
/* When a packet that is no piece leaves, as its RTP header will say. Changes no packet. */
#ifndef ZC_EGRESS_TIMING_H
#define ZC_EGRESS_TIMING_H

#include "egress/parse.h"
#include "egress/pcr.h"

/* A super-packet's own timestamp is its first piece's: for zcctl, which asks when it was. Its
 * pieces look for PCRs themselves. */
static __always_inline __u32 zc_super_timestamp(const struct zc_stream* stream, __u32 slot,
                                                const struct zc_decision* decision) {
  const struct zc_timing* timing = &decision->timing;
  if (zc_clock_counts(decision->how))
    return zc_counted_ticks(stream, decision->how, timing, stream->next_seq - stream->first_seq,
                            stream->octets);
  struct zc_clock* clock = zc_clock_at(slot);
  if (decision->how.timestamp != ZC_TIMESTAMP_PCR || !clock) return timing->timestamp;
  return zc_pcr_timestamp(clock, stream, stream->octets, timing->timestamp);
}

/* Fills in what the timestamp is made of; `decision->timing.now_ns` is there. */
static __always_inline void zc_time(struct __sk_buff* skb, const struct zc_packet* pkt,
                                    const struct zc_options* options, __u32 slot,
                                    struct zc_stream* stream, struct zc_decision* decision) {
  struct zc_timing* timing = &decision->timing;

  zc_clock_of_rule(options, timing);
  if (!zc_clock_counts(decision->how))
    timing->timestamp = zc_wall_ticks(stream, timing->now_ns, timing->ticks_q64);
  if (skb->gso_size)
    zc_clock_note(stream, zc_super_timestamp(stream, slot, decision), timing->now_ns);
  else if (decision->how.timestamp == ZC_TIMESTAMP_PCR)
    zc_follow_pcr(skb, pkt->l4_off + ZC_UDP_BYTES, zc_payload_bytes(pkt), slot, timing);
}

#endif /* ZC_EGRESS_TIMING_H */
