/* SPDX-License-Identifier: GPL-2.0-only */
/* How a packet that waits in the pace device and its stream know each other (docs/pacing.md). Knows
 * no headers. */
#ifndef ZC_ABI_PACE_H
#define ZC_ABI_PACE_H

#include "zc/abi/clock.h"
#include "zc/abi/rule.h"
#include "zc/abi/stream.h"

/* A packet that waits: skb->mark between the device's egress, the pace device and the egress again.
 * The other 24 bits are its stream's slot. A neighbour of ZC_PIECE_MARK (zc/abi/super.h). */
#define ZC_PACE_MARK 0x7c000000u
#define ZC_PACE_MARK_MASK 0xff000000u
ZC_STATIC_ASSERT(ZC_MAX_STREAMS* ZC_SLOTS_PER_STREAM <= ~ZC_PACE_MARK_MASK + 1, "slots fit");

/* The pace device's own qdisc, by which it is known: HTB's or fq's handle, "7a63:". */
#define ZC_PACE_QDISC 0x7a630000u

/* Its class of a rule, where it is HTB: by skb->priority. */
ZC_INLINE __u32 zc_pace_class(__u32 rule_id) {
  return ZC_PACE_QDISC | (rule_id + 1);
}
ZC_STATIC_ASSERT(ZC_MAX_RULES < 0xffff, "a minor number has 16 bits");

/* Value of zc_paces, by slot: a stream that is paced, and what its waiting packets get back when
 * they leave. It stays when the stream goes, so that what still waits is known, and not sent. */
struct zc_waiting {
  __u64 next_ns;      /* CLOCK_MONOTONIC at which the next packet may leave; of fq only */
  __u32 sign;         /* zc_flow_sign of the flow: a mark proves nothing */
  __u32 ssrc;         /* of the stream: a slot may be another one's meanwhile */
  __u32 rule;         /* index into zc_rules */
  __u32 app_mark;     /* skb->mark as the application set it */
  __u32 app_priority; /* skb->priority likewise */
  __u32 zero;
  /* Of --rate auto only: where its PCRs are, and what time they tell. */
  __u64 octets;     /* of payload that came to wait */
  __u64 anchor_ns;  /* CLOCK_MONOTONIC at which `anchor_q32` shall leave; 0: not known yet */
  __u64 anchor_q32; /* as zc_clock has it */
  struct zc_clock clock;
};
ZC_STATIC_ASSERT(sizeof(struct zc_waiting) == 112, "no hidden padding");

#endif /* ZC_ABI_PACE_H */
