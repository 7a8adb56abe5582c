/* SPDX-License-Identifier: GPL-2.0-only */
/* Super-packets: many datagrams in one skb (UDP_SEGMENT), of which each must get a header of its
 * own.
 *
 *   app: one sendfile → super-packet at the device's egress → room, note, mark, redirect → stage
 *   cuts it → each piece comes back to the egress, its super-packet's number in the mark → headers
 *
 * The room is made once, on the super-packet, where it looks to the cutter like part of the IP
 * header, which it copies to every piece: IPv4 options, or an IPv6 destination options header. A
 * piece then has its room already and only has to be written over. docs/stage.md has the figures.
 *
 * That needs ZC_CSUM_DEVICE, where nothing between IP header and payload has to stay. Other pieces
 * come back without a mark and are stamped like any datagram. */
#ifndef ZC_EGRESS_SUPER_H
#define ZC_EGRESS_SUPER_H

#include "egress/emit.h"
#include "egress/note.h"
#include "rtp/stream.h"
#include "zc/abi/super.h"

#define ZC_IHL_WITH_ROOM ((sizeof(struct iphdr) + ZC_ROOM_LCO) / 4)
#define ZC_PADN 1 /* RFC 8200 4.2 */
/* Stands in the room until the headers do: marks and options of this length others may have, too.
 * Its first byte on the wire is 0, which ends IPv4's options (RFC 791 3.1). */
#define ZC_ROOM_SIGN bpf_htonl(0x007a6352u)

/* The beginning of an IPv6 destination options header as long as the room: nothing but padding. */
struct zc_ipv6_dress {
  __u8 next;
  __u8 length; /* in 8 bytes beyond the first 8 */
  __u8 padn;
  __u8 padn_length;
  __be32 sign;
};

static __always_inline void zc_fill_ipv6_dress(struct zc_ipv6_dress* dress, __u8 next) {
  dress->next = next;
  dress->length = ZC_ROOM_LCO_IPV6_PIECE / 8 - 1;
  dress->padn = ZC_PADN;
  dress->padn_length = ZC_ROOM_LCO_IPV6_PIECE - 4;
  dress->sign = ZC_ROOM_SIGN;
}

static __always_inline bool zc_grow_super(struct __sk_buff* skb, __s32 bytes) {
  return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO) == 0;
}

/* The two below write the IP header whole, as the emitters do and for the same reason. */
static __always_inline bool zc_room_in_ipv4(struct __sk_buff* skb, const struct zc_packet* pkt) {
  struct {
    struct iphdr ip;
    __be32 sign;
    __u8 zero[ZC_ROOM_LCO - sizeof(__be32)];
  } headers = {.sign = ZC_ROOM_SIGN};

  if (!zc_read(skb, pkt->l3_off, &headers.ip)) return false;
  headers.ip.ihl = ZC_IHL_WITH_ROOM; /* length and checksum are the cutter's to set */
  return zc_grow_super(skb, ZC_ROOM_LCO) &&
         bpf_skb_store_bytes(skb, pkt->l3_off, &headers, sizeof(headers), 0) == 0;
}

static __always_inline bool zc_room_in_ipv6(struct __sk_buff* skb, const struct zc_packet* pkt) {
  struct {
    struct ipv6hdr ip;
    struct zc_ipv6_dress dress;
    __u8 zero[ZC_ROOM_LCO_IPV6_PIECE - sizeof(struct zc_ipv6_dress)];
  } headers = {};

  if (!zc_read(skb, pkt->l3_off, &headers.ip)) return false;
  zc_fill_ipv6_dress(&headers.dress, headers.ip.nexthdr);
  headers.ip.nexthdr = IPPROTO_DSTOPTS;
  return zc_grow_super(skb, ZC_ROOM_LCO_IPV6_PIECE) &&
         bpf_skb_store_bytes(skb, pkt->l3_off, &headers, sizeof(headers), 0) == 0;
}

/* Makes headroom and changes nothing else: a head grown once keeps it, and every piece is cut with
 * as much. */
static __always_inline bool zc_headroom(struct __sk_buff* skb) {
  return zc_grow_super(skb, ZC_ROOM_LCO_IPV6_PIECE) &&
         zc_grow_super(skb, -(__s32)ZC_ROOM_LCO_IPV6_PIECE);
}

/* Makes the super-packet ready for the stage; ZC_VERDICT_super: redirect it. */
__noinline enum zc_verdict zc_prepare_super(struct __sk_buff* skb, const struct zc_packet* pkt,
                                            const struct zc_decision* decision, __u32 slot) {
  if (!pkt || !decision) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct zc_stream* stream = zc_stream_at(slot);
  if (!stream) return ZC_VERDICT_no_state;

  /* The kernel sets csum_start for a device without offload and does not say PARTIAL. A head that
   * grows does not take that csum_start along, and the cutter then refuses the packet: no room, and
   * none for the tag that the stage would put into the frame. The pieces come back summed. */
  if (decision->csum_op == ZC_CSUM_UPDATE || decision->csum_op == ZC_CSUM_CLEAR)
    return skb->vlan_present ? ZC_VERDICT_checksum : ZC_VERDICT_super;
  /* Changing room forgets the number of pieces, which is what makes the stage cut a short one.
   * Behind a tag in the frame none can be made, and the stage puts a tag beside the frame into it.
   * Such pieces come back as ordinary datagrams. */
  if (skb->len < ZC_STAGE_CUT_BYTES || pkt->tags || skb->vlan_present) return ZC_VERDICT_super;
  if (decision->csum_op != ZC_CSUM_DEVICE)
    return zc_headroom(skb) ? ZC_VERDICT_super : ZC_VERDICT_no_room;

  bool opened = pkt->flow.family == ZC_IPV4 ? zc_room_in_ipv4(skb, pkt) : zc_room_in_ipv6(skb, pkt);
  if (!opened) return ZC_VERDICT_no_room;
  struct zc_super note = {
      .how = decision->how,
      .slot = slot,
      .timestamp = zc_timestamp(stream, decision->now_ns, decision->ticks_q64),
      .app_mark = skb->mark,
  };
  __u32 mark = zc_note_keep(&note);
  if (!mark) return ZC_VERDICT_no_room; /* never */
  skb->mark = mark;
  return ZC_VERDICT_super;
}

#endif /* ZC_EGRESS_SUPER_H */
