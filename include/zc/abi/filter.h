/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter that most packets of no rule end at. Knows destinations, no rules. */
#ifndef ZC_ABI_FILTER_H
#define ZC_ABI_FILTER_H

#include "zc/types.h"

#define ZC_FILTER_BITS (1u << 20)
#define ZC_FILTER_WORDS (ZC_FILTER_BITS / 64)

/* One bit per hash of a rule's destination: most packets of no rule end here. */
struct zc_filter {
  __u64 words[ZC_FILTER_WORDS];
};

ZC_INLINE __u32 zc_filter_bit(const __be32 daddr[4], __be16 dport) {
  __u32 mixed = daddr[0] ^ daddr[1] ^ daddr[2] ^ daddr[3];
  mixed = mixed * 0x9e3779b1u + dport; /* 2^32 / golden ratio: spreads neighbours */
  mixed *= 0x85ebca6bu;
  return (mixed >> 12) % ZC_FILTER_BITS;
}

#endif /* ZC_ABI_FILTER_H */
