/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose a packet is: from its flow to a stream, or to a rule. Knows the tables, not the bytes. */
#ifndef ZC_EGRESS_MATCH_H
#define ZC_EGRESS_MATCH_H

#include "egress/fragment.h"
#include "egress/parse.h"
#include "maps/rules.h"
#include "rtp/stream.h"

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

/* The id of the packet's rule, ZC_NO_RULE where none wants it; `*slot` is its stream's, ZC_NO_SLOT
 * where it has none yet. */
static __always_inline __u32 zc_find_rule(const struct zc_packet* pkt, __u32* slot) {
  *slot = ZC_NO_SLOT;
  if (pkt->later_fragment) return zc_fragment_rule(pkt);
  if (!zc_may_match(&pkt->flow)) return ZC_NO_RULE;
  *slot = zc_slot_find(&pkt->flow);
  struct zc_stream* stream = zc_stream_at(*slot);
  return stream ? stream->rule : zc_rule_find(&pkt->flow);
}

#endif /* ZC_EGRESS_MATCH_H */
