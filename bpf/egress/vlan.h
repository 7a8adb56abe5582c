/* SPDX-License-Identifier: GPL-2.0-only */
/* Tags that stand in the frame (not in skb->vlan_tci): bpf_skb_adjust_room refuses such a packet,
 * so the outermost tag is taken off first and put back behind. Rare: DEV's VLAN devices without
 * header reordering, raw sockets, bridges. */
#ifndef ZC_EGRESS_VLAN_H
#define ZC_EGRESS_VLAN_H

#include "egress/parse.h"

/* Says whether skb->protocol is what the frame says: what makes room believes it. */
static __always_inline bool zc_protocol_is_true(struct __sk_buff* skb,
                                                const struct zc_packet* pkt) {
  return (__be16)skb->protocol == pkt->l2_protocol;
}

/* Takes the outermost tag off. A second one then moves into skb->vlan_tci, and the frame has none
 * left. `*tag` is what zc_tag_restore needs; its protocol is in next_protocol. */
__noinline bool zc_tag_lift(struct __sk_buff* skb, struct zc_packet* pkt, struct zc_vlan_tag* tag) {
  if (!pkt || !tag) return false; /* never: for the verifier */
  tag->tci = pkt->outer_tci;
  tag->next_protocol = pkt->l2_protocol;
  if (skb->vlan_present) {
    if (pkt->tags > 1) return false; /* three tags: more than two places can hold */
    tag->tci = bpf_htons(skb->vlan_tci);
    tag->next_protocol = skb->vlan_proto;
  }
  if (bpf_skb_vlan_pop(skb)) return false;
  __u32 bytes = pkt->tags * sizeof(struct zc_vlan_tag);
  pkt->l3_off -= bytes;
  pkt->l4_off -= bytes;
  return true;
}

static __always_inline bool zc_tag_restore(struct __sk_buff* skb, const struct zc_vlan_tag* tag) {
  return bpf_skb_vlan_push(skb, tag->next_protocol, bpf_ntohs(tag->tci)) == 0;
}

#endif /* ZC_EGRESS_VLAN_H */
