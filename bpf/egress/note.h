/* SPDX-License-Identifier: GPL-2.0-only */
/* The note that a super-packet leaves for its pieces. Knows no headers.
 *
 * Notes lie in a ring, and a reader may come when its note is just being overwritten. So a writer
 * claims the place before it writes anything and sets the new mark last; a reader copies
 * first and looks at the mark then. Both touch the mark by atomics that return a value, which order
 * all else around them on every CPU: plain loads and stores would do on x86 only. */
#ifndef ZC_EGRESS_NOTE_H
#define ZC_EGRESS_NOTE_H

#include "maps/supers.h"
#include "zc/abi/flow.h"

#define ZC_NOTE_BUSY 1u /* no piece's mark: ZC_PIECE_MARK is in all of them */

static __always_inline __u32 zc_mix(__u32 sign, __u32 word) {
  sign = (sign ^ word) * 0x9e3779b1u;
  return sign ^ sign >> 15;
}

/* Tells flows apart, for a mark may be somebody else's: a piece belongs to a note of its own flow.
 * `words` is how long an address is, `ports` the first word of the UDP header. */
static __always_inline __u32 zc_sign(const __be32* saddr, const __be32* daddr, const __u32 words,
                                     __u32 ports) {
  __u32 sign = zc_mix(words, ports);

#pragma unroll
  for (__u32 i = 0; i < words; i++)
    sign = zc_mix(zc_mix(sign, daddr[i]), saddr[i]);
  return sign;
}

static __always_inline __u32 zc_flow_sign(const struct zc_flow* flow) {
  __u32 ports = flow->sport | (__u32)flow->dport << 16; /* as they stand in the header */

  return flow->family == ZC_IPV4 ? zc_sign(flow->saddr, flow->daddr, 1, ports)
                                 : zc_sign(flow->saddr, flow->daddr, 4, ports);
}

/* Keeps the note and returns the mark for the pieces; 0: not kept, for somebody who is a whole ring
 * behind is writing at that place. */
static __always_inline __u32 zc_note_keep(const struct zc_super* note) {
  __u32 number = __sync_fetch_and_add(&zc_next_super, 1) & ~ZC_PIECE_MARK_MASK;
  __u32 index = number % ZC_SUPERS, mark = ZC_PIECE_MARK | number;
  struct zc_super* place = bpf_map_lookup_elem(&zc_supers, &index);
  if (!place) return 0; /* never: for the verifier */

  if (__sync_lock_test_and_set(&place->mark, ZC_NOTE_BUSY) == ZC_NOTE_BUSY) return 0;
  place->how = note->how;
  place->slot = note->slot;
  place->ssrc = note->ssrc;
  place->timestamp = note->timestamp;
  place->app_mark = note->app_mark;
  place->sign = note->sign;
  __sync_lock_test_and_set(&place->mark, mark);
  return mark;
}

/* Copies the note of that mark; false where there is none, or none any more. */
static __always_inline bool zc_note_read(__u32 mark, struct zc_super* note) {
  __u32 index = (mark & ~ZC_PIECE_MARK_MASK) % ZC_SUPERS;
  struct zc_super* place = bpf_map_lookup_elem(&zc_supers, &index);
  if (!place) return false; /* never: for the verifier */

  *note = *place;
  return note->mark == mark && __sync_bool_compare_and_swap(&place->mark, mark, mark);
}

#endif /* ZC_EGRESS_NOTE_H */
