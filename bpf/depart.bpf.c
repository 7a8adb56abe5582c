// SPDX-License-Identifier: GPL-2.0-only
/* zc_depart: at the egress of the pace device, before its fq. Writes on each packet that waits when
 * it may leave; fq keeps it until then (docs/pacing.md). HTB needs no such program. */
#include "depart/media.h"
#include "depart/rate.h"

char LICENSE[] SEC("license") = "GPL";

/* The headers of a packet as the egress program sends it here: no options, not stamped. */
static __always_inline __u32 zc_waiting_headers(struct __sk_buff* skb) {
  const __u32 l2_l4 = ZC_ETHERNET_BYTES + ZC_UDP_BYTES;
  return l2_l4 + (skb->protocol == bpf_htons(ETH_P_IPV6) ? ZC_IPV6_BYTES : ZC_IPV4_BYTES);
}

SEC("tc")
int zc_depart(struct __sk_buff* skb) {
  __u32 slot = skb->mark & ~ZC_PACE_MARK_MASK, headers = zc_waiting_headers(skb);
  if ((skb->mark & ZC_PACE_MARK_MASK) != ZC_PACE_MARK || skb->len <= headers) return TC_ACT_UNSPEC;
  struct zc_waiting* entry = bpf_map_lookup_elem(&zc_paces, &slot);
  if (!entry) return TC_ACT_UNSPEC;
  __u32 rule_id = entry->rule, payload = skb->len - headers;
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return TC_ACT_UNSPEC;

  if (rule->options.how.pace == ZC_PACE_PCR)
    skb->tstamp = zc_depart_by_media(skb, headers, payload, entry, rule->options.pcr_pid);
  else
    skb->tstamp = zc_depart_by_rate(entry, rule->options.rate_bps, payload);
  return TC_ACT_UNSPEC;
}
