/* SPDX-License-Identifier: GPL-2.0-only */
/* Fragments: only a datagram's first one has ports, so its rule is remembered for the others. */
#ifndef ZC_EGRESS_FRAGMENT_H
#define ZC_EGRESS_FRAGMENT_H

#include "egress/parse.h"
#include "maps/fragments.h"
#include "zc/abi/rule.h"

#define ZC_FRAGMENT_LIFE_NS 1000000000ull /* the fragments of a local datagram leave in one go */

static __always_inline struct zc_fragment zc_fragment_key(const struct zc_packet* pkt) {
  struct zc_fragment key = {.id = pkt->ip_id, .family = pkt->flow.family};
  __builtin_memcpy(key.daddr, pkt->flow.daddr, sizeof(key.daddr));
  __builtin_memcpy(key.saddr, pkt->flow.saddr, sizeof(key.saddr));
  return key;
}

__noinline int zc_fragment_remember(const struct zc_packet* pkt, __u32 rule_id) {
  if (!pkt) return 0;
  struct zc_fragment key = zc_fragment_key(pkt);
  struct zc_fragment_owner owner = {.until_ns = bpf_ktime_get_ns() + ZC_FRAGMENT_LIFE_NS,
                                    .rule = rule_id};
  return bpf_map_update_elem(&zc_fragments, &key, &owner, BPF_ANY);
}

/* A fragment without ports belongs to the rule that took its first fragment, if one did. */
__noinline __u32 zc_fragment_rule(const struct zc_packet* pkt) {
  if (!pkt) return ZC_NO_RULE;
  struct zc_fragment key = zc_fragment_key(pkt);
  struct zc_fragment_owner* owner = bpf_map_lookup_elem(&zc_fragments, &key);
  return owner && bpf_ktime_get_ns() < owner->until_ns ? owner->rule : ZC_NO_RULE;
}

#endif /* ZC_EGRESS_FRAGMENT_H */
