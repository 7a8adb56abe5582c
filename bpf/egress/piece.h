/* SPDX-License-Identifier: GPL-2.0-only */
/* A piece that the stage cut from a super-packet: its headers go into the room that it brings. */
#ifndef ZC_EGRESS_PIECE_H
#define ZC_EGRESS_PIECE_H

#include "egress/note.h"
#include "egress/super.h"
#include "rtp/stream.h"

/* Says whether it may be a piece: others set marks, too, so there must also be a note of that very
 * mark, and a signed room. */
static __always_inline bool zc_is_marked(struct __sk_buff* skb) {
  return (skb->mark & ZC_PIECE_MARK_MASK) == ZC_PIECE_MARK && !skb->gso_size;
}

static __always_inline bool zc_stamp_piece_ipv4(struct __sk_buff* skb, struct zc_stream* stream,
                                                const struct zc_super* note) {
  const __u32 l3_off = ZC_ETHERNET_BYTES; /* super-packets with a tag in the frame are not marked */
  struct {
    struct iphdr ip;
    struct zc_l4_headers l4;
  } headers = {};
  struct udphdr* udp = &headers.l4.udp;
  __be32 sign;

  /* A super-packet of a virtual machine may have been cut into fragments (UFO). */
  if (!zc_read(skb, l3_off, &headers.ip) || headers.ip.ihl != ZC_IHL_WITH_ROOM ||
      headers.ip.frag_off & bpf_htons(IP_MF | IP_OFFSET) ||
      !zc_read(skb, l3_off + sizeof(headers.ip), &sign) || sign != ZC_ROOM_SIGN ||
      !zc_read(skb, l3_off + ZC_IHL_WITH_ROOM * 4, udp) ||
      skb->len != l3_off + bpf_ntohs(headers.ip.tot_len) ||
      skb->len != l3_off + ZC_IHL_WITH_ROOM * 4 + bpf_ntohs(udp->len))
    return false;
  __u16 old_first = *(__u16*)&headers.ip;
  __be32 without_sign = ~sign;
  headers.ip.ihl = sizeof(struct iphdr) / 4;
  headers.ip.check = ~zc_fold(zc_sum_words(&without_sign, sizeof(without_sign),
                                           (__u16)~headers.ip.check + (__u16)~old_first) +
                              *(__u16*)&headers.ip);

  __u32 payload = bpf_ntohs(udp->len) - sizeof(*udp);
  zc_stamp(stream, note->how, note->timestamp, payload, &headers.l4.rtp);
  zc_write_filler_ext(&headers.l4);
  udp->len = bpf_htons(bpf_ntohs(udp->len) + ZC_ROOM_LCO);
  udp->check = zc_header_check(zc_sum_words(&headers.ip.saddr, 8, 0), udp, &headers.l4.rtp);
  return bpf_skb_store_bytes(skb, l3_off, &headers, sizeof(headers), 0) == 0;
}

static __always_inline bool zc_stamp_piece_ipv6(struct __sk_buff* skb, struct zc_stream* stream,
                                                const struct zc_super* note) {
  const __u32 l3_off = ZC_ETHERNET_BYTES; /* super-packets with a tag in the frame are not marked */
  struct {
    struct ipv6hdr ip;
    struct udphdr udp;
    struct zc_rtp_header rtp;
    struct zc_rtp_filler_ext2 ext;
  } headers = {};
  struct udphdr* udp = &headers.udp;
  struct zc_ipv6_dress dress = {}, expected = {};

  zc_fill_ipv6_dress(&expected, IPPROTO_UDP);
  if (!zc_read(skb, l3_off, &headers.ip) || headers.ip.nexthdr != IPPROTO_DSTOPTS ||
      !zc_read(skb, l3_off + sizeof(headers.ip), &dress) ||
      __builtin_memcmp(&dress, &expected, sizeof(dress)) ||
      !zc_read(skb, l3_off + sizeof(headers.ip) + ZC_ROOM_LCO_IPV6_PIECE, udp) ||
      skb->len != l3_off + sizeof(headers.ip) + bpf_ntohs(headers.ip.payload_len) ||
      skb->len != l3_off + sizeof(headers.ip) + ZC_ROOM_LCO_IPV6_PIECE + bpf_ntohs(udp->len))
    return false;
  headers.ip.nexthdr = IPPROTO_UDP;

  __u32 payload = bpf_ntohs(udp->len) - sizeof(*udp);
  zc_stamp(stream, note->how, note->timestamp, payload, &headers.rtp);
  headers.rtp.v_p_x_cc |= ZC_RTP_EXTENSION_BIT;
  headers.ext.profile = bpf_htons(ZC_RTP_EXT_ONE_BYTE);
  headers.ext.words = bpf_htons(2);
  headers.ext.id_len = ZC_RTP_EXT2_ID_LEN;
  udp->len = bpf_htons(bpf_ntohs(udp->len) + ZC_ROOM_LCO_IPV6_PIECE);
  /* csum_start lies behind the extension's first word: that counts like the RTP header. */
  __u32 before = zc_sum_words(&headers.ip.saddr, 32, 0) + headers.ext.profile + headers.ext.words;
  udp->check = zc_header_check(before, udp, &headers.rtp);
  return bpf_skb_store_bytes(skb, l3_off, &headers, sizeof(headers), 0) == 0;
}

/* A piece waits for its checksum (PARTIAL): it was marked only where its super-packet did, and a
 * macvlan never sums, whatever the device below can (ALWAYS_ON_OFFLOADS in its driver).
 *
 * Writes the headers of a piece into its room. False: no piece of ours, whatever its mark says. */
__noinline bool zc_stamp_piece(struct __sk_buff* skb) {
  struct zc_super note = {};
  if (!zc_note_read(skb->mark, &note)) return false;
  struct zc_stream* stream = zc_stream_at(note.slot);
  if (!stream || stream->state != ZC_SLOT_USED) return false;

  bool stamped = false;
  if (skb->protocol == bpf_htons(ETH_P_IP)) stamped = zc_stamp_piece_ipv4(skb, stream, &note);
  if (skb->protocol == bpf_htons(ETH_P_IPV6)) stamped = zc_stamp_piece_ipv6(skb, stream, &note);
  if (stamped) skb->mark = note.app_mark;
  return stamped;
}

#endif /* ZC_EGRESS_PIECE_H */
