/* SPDX-License-Identifier: GPL-2.0-only */
/* What is remembered of a datagram in fragments. Knows no rule but its id. */
#ifndef ZC_ABI_FRAGMENT_H
#define ZC_ABI_FRAGMENT_H

#include "zc/types.h"

/* Key of zc_fragments: a datagram whose first fragment matched a rule. Its other fragments carry no
 * ports. */
struct zc_fragment {
  __be32 daddr[4];
  __be32 saddr[4];
  __u32 id; /* identification, as it stands in the packet */
  __u32 family;
};
ZC_STATIC_ASSERT(sizeof(struct zc_fragment) == 40, "hash key without padding");

/* Its value. */
struct zc_fragment_owner {
  __u64 until_ns; /* identifications are reused: believe an entry only so long */
  __u32 rule;
  __u32 pad;
};
ZC_STATIC_ASSERT(sizeof(struct zc_fragment_owner) == 16, "no hidden padding");

#endif /* ZC_ABI_FRAGMENT_H */
