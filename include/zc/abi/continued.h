/* SPDX-License-Identifier: GPL-2.0-only */
/* Who sends under a rule that has one stream for its destination (`--continue`). Knows no packet.
 */
#ifndef ZC_ABI_CONTINUED_H
#define ZC_ABI_CONTINUED_H

#include "zc/abi/flow.h"

/* A source that takes the stream back from who took it within so long is no restarted sender, but
 * one of two that send at once. */
#define ZC_RETURN_NS 10000000000ull

/* Value of zc_continued, by rule id: made by zcctl with the rule, so that the program never makes
 * one. `slot` is elected by compare-and-swap; it is to be believed only where its stream is in use
 * and of that rule. All else belongs to the CPU that has `busy`. */
struct zc_continued {
  struct zc_flow flow; /* of the source that sends now; zeros: none has yet */
  __u32 slot;          /* of the stream; ZC_NO_SLOT: none yet */
  __u32 busy;          /* 1: a CPU is at it */
  __u64 since_ns;      /* CLOCK_MONOTONIC when that source took it over */
  __u64 taken_over;    /* how often another source has */
  __u32 returned;      /* how often that was the one before, within ZC_RETURN_NS */
  __u32 before;        /* zc_source_sign of the one before; 0: there was none */
};
ZC_STATIC_ASSERT(sizeof(struct zc_continued) == 72, "no hidden padding");

/* Tells sources of one destination apart; never 0. */
ZC_INLINE __u32 zc_source_sign(const struct zc_flow* flow) {
  __u32 sign = flow->saddr[0] ^ flow->saddr[1] * 3 ^ flow->saddr[2] * 5 ^ flow->saddr[3] * 7;

  return (sign * 0x9e3779b1u ^ flow->sport) | 1u << 31;
}

#endif /* ZC_ABI_CONTINUED_H */
