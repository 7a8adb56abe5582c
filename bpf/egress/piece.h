/* SPDX-License-Identifier: GPL-2.0-only */
/* A piece that the stage cut from a super-packet: a datagram, for which its super-packet's note
 * stands in the place of tables, clock and most checks. */
#ifndef ZC_EGRESS_PIECE_H
#define ZC_EGRESS_PIECE_H

#include "egress/check.h"
#include "egress/emit.h"
#include "egress/note.h"
#include "rtp/count.h"
#include "rtp/stream.h"

/* Says whether it may be a piece: others set marks, too. */
static __always_inline bool zc_is_marked(struct __sk_buff* skb) {
  return (skb->mark & ZC_PIECE_MARK_MASK) == ZC_PIECE_MARK && !skb->gso_size;
}

/* The stream of the note; NULL where it is not there any more, or the packet another one's. */
static __always_inline struct zc_stream* zc_piece_stream(const struct zc_packet* pkt,
                                                         const struct zc_super* note) {
  if (note->sign != zc_flow_sign(&pkt->flow)) return NULL;
  struct zc_stream* stream = zc_stream_at(note->slot);
  if (!stream || stream->state != ZC_SLOT_USED || stream->ssrc != note->ssrc) return NULL;
  return stream;
}

/* Says whether it is as the cutter makes pieces; a virtual machine's may be cut into fragments. */
static __always_inline bool zc_piece_is_whole(struct __sk_buff* skb, const struct zc_packet* pkt,
                                              __u32 csum_op) {
  if (pkt->tags || pkt->options || pkt->fragment || pkt->later_fragment) return false;
  return zc_protocol_is_true(skb, pkt) && zc_lengths_agree(skb, pkt, zc_waits_for_csum(csum_op));
}

/* Stamps a piece and counts what becomes of it; ZC_GO_ON: no piece, whatever its mark says, or one
 * whose note is lost: a datagram like any other. */
__noinline enum zc_verdict zc_handle_piece(struct __sk_buff* skb, struct zc_packet* pkt) {
  if (!pkt) return ZC_GO_ON; /* never: for the verifier */
  struct zc_super note = {};
  if (!zc_note_read(skb->mark, &note)) return ZC_GO_ON;
  struct zc_stream* stream = zc_piece_stream(pkt, &note);
  if (!stream) return ZC_GO_ON;

  struct zc_decision decision = {
      .room = zc_room(note.how), .timestamp = note.timestamp, .how = note.how};
  if (zc_choose_csum_op(skb, pkt, note.how.checksum, &decision.csum_op) != ZC_GO_ON ||
      !zc_piece_is_whole(skb, pkt, decision.csum_op) || !zc_sum_payload(skb, pkt, &decision))
    return ZC_GO_ON;
  enum zc_verdict verdict = zc_emit(skb, pkt, &decision, stream);
  if (verdict == ZC_VERDICT_stamped)
    skb->mark = note.app_mark;
  else
    zc_count(stream->rule, verdict);
  return verdict;
}

#endif /* ZC_EGRESS_PIECE_H */
