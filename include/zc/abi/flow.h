/* SPDX-License-Identifier: GPL-2.0-only */
/* A UDP flow: key of the tables of rules and of streams. Knows neither. */
#ifndef ZC_ABI_FLOW_H
#define ZC_ABI_FLOW_H

#include "zc/types.h"

enum zc_family { ZC_IPV4 = 4, ZC_IPV6 = 6 };

/* One UDP flow. IPv4 addresses are in word 0, the other words are 0. In the rules table an
 * address or port of the source that is 0 means "any". */
struct zc_flow {
  __be32 daddr[4];
  __be32 saddr[4];
  __be16 dport;
  __be16 sport;
  __u32 family; /* enum zc_family */
};
ZC_STATIC_ASSERT(sizeof(struct zc_flow) == 40, "hash key without padding");

#endif /* ZC_ABI_FLOW_H */
