/* SPDX-License-Identifier: GPL-2.0-only */
/* What a packet of a rule becomes, or what is wrong with it: all of it before the first write.
 * Changes no packet. */
#ifndef ZC_EGRESS_CHECK_H
#define ZC_EGRESS_CHECK_H

#include "egress/checksum.h"
#include "egress/fragment.h"
#include "egress/stage.h"
#include "egress/vlan.h"
#include "maps/rules.h"

#define ZC_MAX_IP_BYTES 0xffff /* what a length field can say; lo's MTU is larger */

/* Says whether the IP length, the UDP length and the packet's own agree. */
static __always_inline bool zc_lengths_agree(struct __sk_buff* skb, const struct zc_packet* pkt,
                                             bool partial) {
  struct udphdr udp;
  __u32 l3_header = pkt->l4_off - pkt->l3_off;

  if (!zc_read(skb, pkt->l4_off, &udp) || pkt->l3_bytes < l3_header + sizeof(udp)) return false;
  if (bpf_ntohs(udp.len) != pkt->l3_bytes - l3_header) return false;
  __u32 end = pkt->l3_off + pkt->l3_bytes;
  /* Ethernet padding may follow, but a sum that is still to be made would include it. */
  return partial ? skb->len == end : skb->len >= end;
}

/* Bytes on layer 3 of the longest packet that will leave. */
static __always_inline __u32 zc_stamped_bytes(struct __sk_buff* skb, const struct zc_packet* pkt,
                                              const struct zc_decision* decision) {
  if (!skb->gso_size) return pkt->l3_bytes + decision->room;
  return pkt->l4_off - pkt->l3_off + sizeof(struct udphdr) + skb->gso_size + decision->room;
}

/* Looks for everything that can be wrong; ZC_GO_ON: nothing is. */
static __always_inline enum zc_verdict zc_check(struct __sk_buff* skb, const struct zc_packet* pkt,
                                                __u32 rule_id, struct zc_decision* decision) {
  struct zc_skb_facts facts = {};

  if (pkt->later_fragment) return ZC_VERDICT_fragment;
  if (pkt->fragment) {
    zc_fragment_remember(pkt, rule_id);
    return ZC_VERDICT_fragment;
  }
  if (pkt->options) return ZC_VERDICT_ip_options;
  if (skb->gso_size && !zc_can_cut(skb)) return ZC_VERDICT_uncut;
  zc_skb_facts(skb, &facts);
  if (!zc_protocol_is_true(skb, pkt)) return ZC_VERDICT_malformed;
  if (!zc_lengths_agree(skb, pkt, facts.ip_summed == CHECKSUM_PARTIAL)) return ZC_VERDICT_malformed;
  __u32 stamped_bytes = zc_stamped_bytes(skb, pkt, decision);
  if (stamped_bytes > facts.mtu || stamped_bytes > ZC_MAX_IP_BYTES) return ZC_VERDICT_oversize;
  return zc_choose_csum_op(pkt, &facts, decision->how.checksum, &decision->csum_op);
}

/* Fills in `*decision`, which is complete with ZC_GO_ON. */
static __always_inline enum zc_verdict zc_decide(struct __sk_buff* skb, const struct zc_packet* pkt,
                                                 __u32 rule_id, struct zc_decision* decision) {
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return ZC_VERDICT_no_state;

  decision->how.word = *(volatile __u64*)&rule->options.how.word;
  decision->ticks_q64 = rule->options.ticks_q64;
  decision->room =
      skb->gso_size ? zc_piece_room(pkt->flow.family, decision->how) : zc_room(decision->how);
  enum zc_verdict verdict = zc_check(skb, pkt, rule_id, decision);
  if (verdict != ZC_GO_ON) return verdict;
  if (decision->csum_op == ZC_CSUM_SUM && !skb->gso_size) {
    __s64 sum = zc_payload_sum(skb, pkt->l4_off + sizeof(struct udphdr), zc_payload_bytes(pkt));
    if (sum < 0) return ZC_VERDICT_malformed;
    decision->payload_sum = sum;
  }
  decision->now_ns = bpf_ktime_get_ns();
  return ZC_GO_ON;
}

#endif /* ZC_EGRESS_CHECK_H */
