/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams: found by flow, and born with the first packet. Knows the tables, no packet. */
#ifndef ZC_RTP_STREAM_H
#define ZC_RTP_STREAM_H

#include "config.h"
#include "maps/clocks.h"
#include "maps/rules.h"
#include "maps/streams.h"
#include "rtp/clock.h"
#include "zc/wire/rtp.h"

#define ZC_SLOT_TRIES 64

static __always_inline struct zc_stream* zc_stream_at(__u32 slot) {
  return bpf_map_lookup_elem(&zc_slots, &slot);
}

/* Before Linux 6.2 a key must lie on the stack of who looks: then with a copy. */
static __noinline __u32* zc_slot_find_by_copy(const struct zc_flow* flow) {
  if (!flow) return NULL; /* never: for the verifier */
  struct zc_flow key = *flow;
  return bpf_map_lookup_elem(&zc_streams, &key);
}

static __always_inline __u32 zc_slot_find(const struct zc_flow* flow) {
  __u32* slot =
      zc_config.kern_ctx ? bpf_map_lookup_elem(&zc_streams, flow) : zc_slot_find_by_copy(flow);
  return slot ? *slot : ZC_NO_SLOT;
}

/* Chooses SSRC and first values: random unless the operator gave them (RFC 3550 5.1). */
static __always_inline void zc_stream_init(struct zc_stream* stream, __u32 rule_id,
                                           const struct zc_rule* rule, __u64 now_ns) {
  __u8 flags = rule->options.how.flags;
  __u32 seq = flags & ZC_RULE_FIXED_SEQ ? rule->options.first_seq
                                        : bpf_get_prandom_u32() & ZC_RTP_SEQ_START_MASK;
  __u32 ts = flags & ZC_RULE_FIXED_TS ? rule->options.first_ts : bpf_get_prandom_u32();

  stream->next_seq = seq;
  stream->first_seq = seq;
  stream->octets = 0;
  stream->last_ns = now_ns;
  stream->last_ts = ts;
  stream->mapping = zc_mapping(ts, now_ns);
  stream->ts_base =
      zc_clock_counts(rule->options.how) ? ts : ts - zc_ticks(now_ns, rule->options.ticks_q64);
  stream->ssrc = flags & ZC_RULE_FIXED_SSRC ? rule->options.first_ssrc : bpf_get_prandom_u32();
  /* Last, and an atomic that orders: whoever finds the rule in it finds all the rest. */
  __sync_lock_test_and_set(&stream->rule, rule_id);
}

/* A free slot, taken; ZC_NO_SLOT where none was found. The slots are at most half full, so
 * that 64 tries from a random place miss with a chance of 2^-64. `but` is never taken. */
static __always_inline __u32 zc_slot_take(__u32 but) {
  __u32 start = bpf_get_prandom_u32();

  for (__u32 i = 0; i < ZC_SLOT_TRIES; i++) {
    __u32 index = (start + i * 0x9e3779b1u) % zc_config.stream_slots;
    struct zc_stream* slot = bpf_map_lookup_elem(&zc_slots, &index);
    if (slot && index != but &&
        __sync_val_compare_and_swap(&slot->state, ZC_SLOT_FREE, ZC_SLOT_USED) == ZC_SLOT_FREE)
      return index;
  }
  return ZC_NO_SLOT;
}

/* Gives a slot back that nobody was led to. */
static __always_inline void zc_slot_release(struct zc_stream* stream) {
  __sync_lock_test_and_set(&stream->rule, ZC_NO_RULE);
  __sync_lock_test_and_set(&stream->state, ZC_SLOT_FREE);
}

/* A new stream that nothing leads to yet; ZC_NO_SLOT where there is no place for one. */
__noinline __u32 zc_stream_make(__u32 rule_id, __u64 now_ns, __u32 but) {
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return ZC_NO_SLOT;
  __u32 index = zc_slot_take(but);
  struct zc_stream* stream = bpf_map_lookup_elem(&zc_slots, &index);
  struct zc_clock* clock = bpf_map_lookup_elem(&zc_clocks, &index);
  if (!stream || !clock) return ZC_NO_SLOT;
  clock->flags = 0;
  clock->at_byte = 0;
  zc_stream_init(stream, rule_id, rule, now_ns);
  return index;
}

/* The slot of a new stream for the flow; ZC_NO_SLOT where the table is full. The slot is
 * complete before the flow leads to it, and where two CPUs meet the first one wins. */
__noinline __u32 zc_stream_create(const struct zc_flow* flow, __u32 rule_id, __u64 now_ns) {
  if (!flow) return ZC_NO_SLOT; /* never: for the verifier */
  __u32 index = zc_stream_make(rule_id, now_ns, ZC_NO_SLOT);
  struct zc_stream* stream = bpf_map_lookup_elem(&zc_slots, &index);
  if (!stream) return ZC_NO_SLOT;

  struct zc_flow key = *flow;
  if (bpf_map_update_elem(&zc_streams, &key, &index, BPF_NOEXIST) == 0) return index;
  zc_slot_release(stream);
  __u32* winner = bpf_map_lookup_elem(&zc_streams, &key);
  return winner ? *winner : ZC_NO_SLOT;
}

#endif /* ZC_RTP_STREAM_H */
