/* SPDX-License-Identifier: GPL-2.0-only */
/* The stage, the device that cuts super-packets (docs/stage.md). Cuts nothing itself. */
#ifndef ZC_EGRESS_STAGE_H
#define ZC_EGRESS_STAGE_H

#include "ctx/skb.h"
#include "maps/meta.h"
#include "zc/abi/super.h"

/* The stage's ifindex; 0: there is none, and super-packets cannot be cut. */
static __always_inline __u32 zc_stage(void) {
  __u32 zero = 0;
  struct zc_meta* meta = bpf_map_lookup_elem(&zc_meta, &zero);
  return meta ? *(volatile __u32*)&meta->stage : 0;
}

/* Says whether the stage can cut it. Not where the device was moved to another namespace: the
 * stage's index would lead to a stranger there. And what is short the stage cuts for its number of
 * pieces only, which the kernel does not know of what a virtual machine sent: such a packet would
 * come back whole, again and again. */
static __always_inline bool zc_can_cut(struct __sk_buff* skb) {
  __u32 zero = 0;
  struct zc_meta* meta = bpf_map_lookup_elem(&zc_meta, &zero);

  return meta && zc_stage() && meta->netns_cookie == zc_netns_cookie(skb) &&
         (skb->len >= ZC_STAGE_CUT_BYTES || skb->gso_segs);
}

#endif /* ZC_EGRESS_STAGE_H */
