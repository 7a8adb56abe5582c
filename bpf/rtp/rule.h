/* SPDX-License-Identifier: GPL-2.0-only */
/* From a flow to its rule. Knows the tables, no packet. */
#ifndef ZC_RTP_RULE_H
#define ZC_RTP_RULE_H

#include "maps/rules.h"

/* Says whether some rule may want this destination; false is certain. */
static __always_inline bool zc_may_match(const struct zc_flow* flow) {
  __u32 zero = 0;
  struct zc_filter* filter = bpf_map_lookup_elem(&zc_filter, &zero);
  if (!filter) return false;
  __u32 bit = zc_filter_bit(flow->daddr, flow->dport);
  return filter->words[bit / 64] >> (bit % 64) & 1;
}

/* The rule for a flow without a stream yet. At most one matches: zcctl refuses overlaps. */
__noinline __u32 zc_rule_find(const struct zc_flow* flow) {
  if (!flow) return ZC_NO_RULE;
  struct zc_flow key = *flow;
  __u32* rule = bpf_map_lookup_elem(&zc_match, &key);
  if (rule) return *rule;

  key.sport = 0;
  rule = bpf_map_lookup_elem(&zc_match, &key);
  if (rule) return *rule;

  __builtin_memset(key.saddr, 0, sizeof(key.saddr));
  rule = bpf_map_lookup_elem(&zc_match, &key);
  return rule ? *rule : ZC_NO_RULE;
}

#endif /* ZC_RTP_RULE_H */
