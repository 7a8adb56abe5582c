/* SPDX-License-Identifier: GPL-2.0-only */
/* A packet of a rule with --rate waits, before it is stamped, in the queue of the pace device,
 * which sends it back to this hook when its time has come (docs/pacing.md). Keeps nothing back
 * itself, and writes no byte of a packet.
 *
 * A mark proves nothing, others may set it: one that waited is known by mark and flow. What comes
 * back when its stream, or its rule's --rate, is gone is dropped and counted as `orphan`. */
#ifndef ZC_EGRESS_PACE_H
#define ZC_EGRESS_PACE_H

#include "ctx/skb.h"
#include "egress/note.h"
#include "egress/parse.h"
#include "maps/meta.h"
#include "maps/paces.h"
#include "rtp/stream.h"
#include "zc/verdict.h"

/* The pace device's ifindex; 0: there is none. */
static __always_inline __u32 zc_pace_device(void) {
  __u32 zero = 0;
  struct zc_meta* meta = bpf_map_lookup_elem(&zc_meta, &zero);
  return meta ? *(volatile __u32*)&meta->pace : 0;
}

/* Of which kind its queue is; ZC_PACE_KIND_NONE: there is none. Nor is there where the device was
 * moved to another namespace: the index would lead to a stranger there. */
static __always_inline __u32 zc_pace_kind_of(struct __sk_buff* skb) {
  __u32 zero = 0;
  struct zc_meta* meta = bpf_map_lookup_elem(&zc_meta, &zero);

  if (!meta || !zc_pace_device() || meta->netns_cookie != zc_netns_cookie(skb))
    return ZC_PACE_KIND_NONE;
  return meta->pace_kind;
}

/* In a section of its own, for the stack is short. */
const struct zc_waiting zc_nothing_waits = {};

/* The entry of a stream, made where there is none; NULL where there is no memory for it. */
static __always_inline struct zc_waiting* zc_waiting_entry(__u32 slot) {
  struct zc_waiting* entry = bpf_map_lookup_elem(&zc_paces, &slot);
  if (entry) return entry;
  bpf_map_update_elem(&zc_paces, &slot, &zc_nothing_waits, BPF_NOEXIST);
  return bpf_map_lookup_elem(&zc_paces, &slot);
}

/* The slot has got another stream: nothing of the old one's times holds. */
static __always_inline void zc_waiting_begin(struct zc_waiting* entry) {
  entry->next_ns = 0;
  entry->octets = 0;
  entry->anchor_ns = 0;
  entry->clock.flags = 0;
  entry->clock.at_byte = 0;
}

/* Makes a packet ready for the pace device; ZC_VERDICT_paced: redirect it. */
__noinline enum zc_verdict zc_wait(struct __sk_buff* skb, __u32 slot, __u32 sign, __u32 app_mark) {
  struct zc_stream* stream = zc_stream_at(slot);
  __u32 kind = zc_pace_kind_of(skb);
  if (!stream || kind == ZC_PACE_KIND_NONE) return ZC_VERDICT_unpaced;
  struct zc_waiting* entry = zc_waiting_entry(slot);
  if (!entry) return ZC_VERDICT_no_state;

  if (entry->ssrc != stream->ssrc) zc_waiting_begin(entry);
  entry->sign = sign;
  entry->ssrc = stream->ssrc;
  entry->rule = stream->rule;
  entry->app_mark = app_mark;
  entry->app_priority = skb->priority;
  skb->mark = ZC_PACE_MARK | slot;
  /* A priority of the app's could be one that fq sends at once (TC_PRIO_CONTROL). */
  skb->priority = kind == ZC_PACE_KIND_HTB ? zc_pace_class(stream->rule) : 0;
  return ZC_VERDICT_paced;
}

static __always_inline bool zc_has_pace_mark(struct __sk_buff* skb) {
  return (skb->mark & ZC_PACE_MARK_MASK) == ZC_PACE_MARK;
}

/* Says whether a packet with the stream's mark is one of its own. Where sources take a stream over
 * from each other (--continue) the one before may have packets that still wait. */
static __always_inline bool zc_is_waiting(const struct zc_waiting* entry,
                                          const struct zc_flow* flow) {
  __u32 rule_id = entry->rule;
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);

  if (!rule || !(rule->options.how.flags & ZC_RULE_CONTINUE))
    return entry->sign == zc_flow_sign(flow);
  const struct zc_flow* match = &rule->match;
  return match->family == flow->family && match->dport == flow->dport &&
         match->daddr[0] == flow->daddr[0] && match->daddr[1] == flow->daddr[1] &&
         match->daddr[2] == flow->daddr[2] && match->daddr[3] == flow->daddr[3];
}

/* Says whether the packet, which has the mark, has waited, and then gives it back what the app had
 * set. `*slot` is its stream's, ZC_NO_SLOT where that is gone; `*rule_id` its rule's. */
__noinline bool zc_wake(struct __sk_buff* skb, const struct zc_packet* pkt, __u32* rule_id,
                        __u32* slot) {
  if (!pkt || !rule_id || !slot) return false; /* never: for the verifier */
  __u32 index = skb->mark & ~ZC_PACE_MARK_MASK;
  struct zc_waiting* entry = bpf_map_lookup_elem(&zc_paces, &index);
  if (!entry || !zc_is_waiting(entry, &pkt->flow)) return false;
  struct zc_stream* stream = zc_stream_at(index);
  bool there = stream && stream->state == ZC_SLOT_USED && stream->ssrc == entry->ssrc;

  skb->mark = entry->app_mark;
  skb->priority = entry->app_priority;
  skb->tstamp = 0; /* the hour of leaving, which DEV's own fq would wait for */
  *rule_id = entry->rule;
  *slot = there ? index : ZC_NO_SLOT;
  return true;
}

#endif /* ZC_EGRESS_PACE_H */
