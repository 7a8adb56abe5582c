/* SPDX-License-Identifier: GPL-2.0-only */
/* Super-packets: many datagrams in one skb (UDP_SEGMENT), of which each must get a header of its
 * own.
 *
 *   app: one sendfile → super-packet at the device's egress → headroom, note, mark, redirect →
 *   stage cuts it → each piece comes back to the egress, its super-packet's number in the mark
 *
 * Headroom is made once, on the super-packet: every piece is cut with as much, and needs no new
 * head. Between stage and egress a piece is a UDP datagram like any other; whose mark or note is
 * lost is stamped as one, at a higher price. docs/stage.md has the figures. */
#ifndef ZC_EGRESS_SUPER_H
#define ZC_EGRESS_SUPER_H

#include "egress/emit.h"
#include "egress/note.h"
#include "rtp/stream.h"
#include "zc/abi/super.h"

static __always_inline bool zc_grow_super(struct __sk_buff* skb, __s32 bytes) {
  return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO) == 0;
}

/* Makes headroom and changes nothing else: a head grown once keeps it. Not where a packet does not
 * wait for its checksum: the kernel sets csum_start for a device without offload and does not say
 * PARTIAL, a head that grows does not take that along, and the cutter then refuses the packet. */
static __always_inline bool zc_make_headroom(struct __sk_buff* skb) {
  const __s32 most = sizeof(struct zc_rtp_header) + sizeof(struct zc_rtp_uni_ext);
  return zc_grow_super(skb, most) && zc_grow_super(skb, -most);
}

/* Leaves a note for the pieces, and sets their mark. */
static __always_inline bool zc_mark_super(struct __sk_buff* skb, const struct zc_packet* pkt,
                                          const struct zc_decision* decision,
                                          const struct zc_stream* stream, __u32 slot) {
  struct zc_super note = {
      .how = decision->how,
      .slot = slot,
      .ssrc = stream->ssrc,
      .timestamp = decision->timing.timestamp,
      .app_mark = skb->mark,
      .sign = zc_flow_sign(&pkt->flow),
  };
  __u32 mark = zc_note_keep(&note);
  if (!mark) return false; /* never */
  skb->mark = mark;
  return true;
}

/* Makes the super-packet ready for the stage; ZC_VERDICT_super: redirect it. */
__noinline enum zc_verdict zc_prepare_super(struct __sk_buff* skb, const struct zc_packet* pkt,
                                            const struct zc_decision* decision, __u32 slot) {
  if (!pkt || !decision) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct zc_stream* stream = zc_stream_at(slot);
  if (!stream) return ZC_VERDICT_no_state;
  bool waits = zc_waits_for_csum(decision->csum_op);

  /* The stage puts a tag that stands beside the frame into it, and so makes the head grow, for
   * which see zc_make_headroom. */
  if (!waits && skb->vlan_present) return ZC_VERDICT_checksum;
  /* Behind a tag no headroom can be made. The pieces find their rule as any datagram does. */
  if (pkt->tags || skb->vlan_present) return ZC_VERDICT_super;
  /* Changing room forgets the number of pieces, which is what makes the stage cut a short one. */
  if (waits && skb->len >= ZC_STAGE_CUT_BYTES && !zc_make_headroom(skb)) return ZC_VERDICT_no_room;
  return zc_mark_super(skb, pkt, decision, stream, slot) ? ZC_VERDICT_super : ZC_VERDICT_no_room;
}

#endif /* ZC_EGRESS_SUPER_H */
