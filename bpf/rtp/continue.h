/* SPDX-License-Identifier: GPL-2.0-only */
/* `--continue`: a rule with one stream for its destination, which another source takes over where
 * it was: an app that was started again, by another port. Knows the tables, no packet.
 *
 * Only a packet without a stream comes here, so that a source that goes on pays nothing. Two
 * sources that send at once come here with every packet: they share the stream's sequence, in
 * turns, and are counted. */
#ifndef ZC_RTP_CONTINUE_H
#define ZC_RTP_CONTINUE_H

#include "maps/continued.h"
#include "rtp/stream.h"

/* Says whether the slot holds the rule's stream: complete, and not about to be freed. */
static __always_inline bool zc_is_stream_of(__u32 slot, __u32 rule_id) {
  struct zc_stream* stream = zc_stream_at(slot);

  return stream && *(volatile __u32*)&stream->state == ZC_SLOT_USED &&
         *(volatile __u32*)&stream->rule == rule_id;
}

/* The slot of the rule's stream; a new one where it has none, of which CPUs that meet elect one.
 * ZC_NO_SLOT where there is no place for one. */
static __always_inline __u32 zc_elect(struct zc_continued* here, __u32 rule_id, __u64 now_ns) {
  __u32 seen = *(volatile __u32*)&here->slot;
  if (zc_is_stream_of(seen, rule_id)) return seen;
  /* Not the slot that was seen: whoever has seen it, too, would take it for elected. */
  __u32 mine = zc_stream_make(rule_id, now_ns, seen);
  struct zc_stream* stream = zc_stream_at(mine);
  if (!stream) return ZC_NO_SLOT;
  __u32 found = __sync_val_compare_and_swap(&here->slot, seen, mine);
  if (found == seen) return mine;
  zc_slot_release(stream);
  return zc_is_stream_of(found, rule_id) ? found : ZC_NO_SLOT;
}

static __always_inline bool zc_same_source(const struct zc_flow* one, const struct zc_flow* other) {
  return one->sport == other->sport && one->saddr[0] == other->saddr[0] &&
         one->saddr[1] == other->saddr[1] && one->saddr[2] == other->saddr[2] &&
         one->saddr[3] == other->saddr[3];
}

static __always_inline void zc_count_taken_over(struct zc_continued* here,
                                                const struct zc_flow* flow, __u64 now_ns) {
  if (here->before == zc_source_sign(flow) && now_ns - here->since_ns < ZC_RETURN_NS)
    here->returned++;
  here->before = zc_source_sign(&here->flow);
  here->since_ns = now_ns;
  here->taken_over++;
}

/* Leads the flow to the slot, and that of the source before no longer. The old one goes first:
 * there is always place for the new one then, and whoever misses both meanwhile comes here, too. */
static __always_inline void zc_lead(struct zc_continued* here, const struct zc_flow* flow,
                                    __u32 slot, __u64 now_ns) {
  /* The same where zcctl has freed its stream, or another CPU was first. */
  if (!zc_same_source(&here->flow, flow)) {
    if (here->flow.family != 0) {
      __u32* leads = bpf_map_lookup_elem(&zc_streams, &here->flow);
      if (leads && *leads == slot) bpf_map_delete_elem(&zc_streams, &here->flow);
      zc_count_taken_over(here, flow, now_ns);
    }
    here->flow = *flow;
  }
  bpf_map_update_elem(&zc_streams, &here->flow, &slot, BPF_NOEXIST);
}

/* The slot of the stream that goes on with this flow, or begins with it; ZC_NO_SLOT where there is
 * no place. A CPU that finds another one at it does not wait: its packet is the stream's all the
 * same, and its next one comes here again. */
__noinline __u32 zc_stream_continue(const struct zc_flow* flow, __u32 rule_id, __u64 now_ns) {
  if (!flow) return ZC_NO_SLOT; /* never: for the verifier */
  struct zc_continued* here = bpf_map_lookup_elem(&zc_continued, &rule_id);
  if (!here) return zc_stream_create(flow, rule_id, now_ns); /* its rule has just been changed */

  __u32 slot = zc_elect(here, rule_id, now_ns);
  if (slot == ZC_NO_SLOT) return ZC_NO_SLOT;
  if (__sync_val_compare_and_swap(&here->busy, 0, 1) == 0) {
    zc_lead(here, flow, slot, now_ns);
    __sync_lock_test_and_set(&here->busy, 0);
  }
  return slot;
}

#endif /* ZC_RTP_CONTINUE_H */
