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
                                              __u32 room) {
  if (!skb->gso_size) return pkt->l3_bytes + room;
  return pkt->l4_off - pkt->l3_off + sizeof(struct udphdr) + skb->gso_size + room;
}

/* Looks for everything that can be wrong; ZC_GO_ON: nothing is. */
static __always_inline enum zc_verdict zc_check(struct __sk_buff* skb, const struct zc_packet* pkt,
                                                __u32 rule_id, struct zc_decision* decision) {
  if (pkt->later_fragment) return ZC_VERDICT_fragment;
  if (pkt->fragment) {
    zc_fragment_remember(pkt, rule_id);
    return ZC_VERDICT_fragment;
  }
  if (pkt->options) return ZC_VERDICT_ip_options;
  if (skb->gso_size && !zc_can_cut(skb)) return ZC_VERDICT_uncut;
  if (!zc_protocol_is_true(skb, pkt)) return ZC_VERDICT_malformed;
  enum zc_verdict verdict =
      zc_choose_csum_op(skb, pkt->l4_off, decision->how.checksum, &decision->csum_op);
  if (!zc_lengths_agree(skb, pkt, zc_waits_for_csum(decision->csum_op)))
    return ZC_VERDICT_malformed;
  __u32 stamped_bytes = zc_stamped_bytes(skb, pkt, decision->room);
  if (stamped_bytes > zc_mtu(skb) || stamped_bytes > ZC_MAX_IP_BYTES) return ZC_VERDICT_oversize;
  return verdict;
}

/* Fills in `*decision`, all but the timestamp, for which a stream is needed. */
static __always_inline enum zc_verdict zc_decide(struct __sk_buff* skb, const struct zc_packet* pkt,
                                                 __u32 rule_id, const struct zc_rule* rule,
                                                 struct zc_decision* decision) {
  decision->how.word = *(volatile __u64*)&rule->options.how.word;
  decision->room = zc_room(decision->how);
  return zc_check(skb, pkt, rule_id, decision);
}

#endif /* ZC_EGRESS_CHECK_H */
