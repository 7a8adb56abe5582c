/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes the headers of one datagram: with room.h, vlan.h, super.h and piece.h all that changes a
 * packet.
 *
 * All writes go through bpf_skb_store_bytes. A direct write would be cheaper here, but its mere
 * presence makes the verifier unclone *every* packet at the program's start, also those of no
 * rule: a copy of the head for each TCP segment on the host. BPF_F_RECOMPUTE_CSUM is for packets
 * that a redirect brought from a device that summed them (CHECKSUM_COMPLETE); others ignore it. */
#ifndef ZC_EGRESS_EMIT_H
#define ZC_EGRESS_EMIT_H

#include "egress/room.h"
#include "egress/vlan.h"
#include "rtp/stamp.h"

/* What stands between the IP header and the payload. */
struct zc_l4_headers {
  struct udphdr udp;
  struct zc_rtp_header rtp;
  struct zc_rtp_filler_ext ext; /* lco; or the first four bytes a payload header of zeros */
};
ZC_STATIC_ASSERT(sizeof(struct zc_l4_headers) == ZC_UDP_BYTES + ZC_MOST_ROOM, "room fits");
ZC_STATIC_ASSERT(sizeof(struct iphdr) == ZC_IPV4_BYTES && sizeof(struct ipv6hdr) == ZC_IPV6_BYTES,
                 "written whole");

static __always_inline void zc_write_filler_ext(struct zc_l4_headers* l4) {
  l4->rtp.v_p_x_cc |= ZC_RTP_EXTENSION_BIT;
  l4->ext.profile = bpf_htons(ZC_RTP_EXT_ONE_BYTE);
  l4->ext.words = bpf_htons(1);
  l4->ext.id_len = ZC_RTP_EXT_ID_LEN;
}

/* The sum that a UDP checksum has before the payload's share where the rest sums to zero:
 * pseudo-header (RFC 768, RFC 8200 8.1), UDP header, RTP header. `addresses` is the sum of both IP
 * addresses. */
static __always_inline __u16 zc_header_check(__u32 addresses, const struct udphdr* udp,
                                             const struct zc_rtp_header* rtp) {
  __u32 sum = addresses + bpf_htons(IPPROTO_UDP) + udp->len;

  sum = zc_sum_words(udp, ZC_UDP_CHECK_OFFSET, sum);
  return zc_udp_check(zc_sum_words(rtp, sizeof(*rtp), sum));
}

static __always_inline __u16 zc_new_udp_check(const struct zc_decision* decision, __u32 addresses,
                                              const struct zc_l4_headers* l4, __be16 old_len,
                                              __be16 old_check) {
  __u32 sum;

  switch (decision->csum_op) {
    case ZC_CSUM_DEVICE:
      /* The packet will sum to 0 from the filler's extension on: it does not count. */
      return zc_header_check(addresses, &l4->udp, &l4->rtp);
    case ZC_CSUM_UPDATE:
      if (old_check == 0) return 0; /* the sender wanted none */
      /* The length stands in the UDP header and in the pseudo-header. */
      sum = (__u16)~old_check + 2 * (__u32)(__u16)~old_len + 2 * (__u32)l4->udp.len;
      sum = zc_sum_words(&l4->rtp, sizeof(l4->rtp), sum);
      return zc_udp_check(zc_sum_words(&l4->ext, sizeof(l4->ext), sum));
    case ZC_CSUM_SUM:
      /* A payload header (MPA) is all zeros. */
      return zc_header_check(addresses + decision->payload_sum, &l4->udp, &l4->rtp);
    default:
      return 0;
  }
}

/* Fills in everything from the UDP header on; `l4->udp` holds the old UDP header. */
static __always_inline void zc_build_l4(const struct zc_decision* decision,
                                        struct zc_stream* stream, __u32 addresses,
                                        struct zc_l4_headers* l4) {
  __be16 old_len = l4->udp.len, old_check = l4->udp.check;
  __u32 payload = bpf_ntohs(old_len) - sizeof(struct udphdr);

  zc_stamp(stream, decision->how, zc_timestamp(stream, decision->now_ns, decision->ticks_q64),
           payload + decision->how.payload_header_bytes, &l4->rtp);
  if (decision->how.checksum == ZC_CHECKSUM_LCO) zc_write_filler_ext(l4);
  l4->udp.len = bpf_htons(bpf_ntohs(old_len) + decision->room);
  l4->udp.check = zc_new_udp_check(decision, addresses, l4, old_len, old_check);
}

/* Changes the length, and the header checksum by that one field (RFC 1624). */
static __always_inline void zc_lengthen_ipv4(struct iphdr* ip, __u32 room) {
  __be16 old_len = ip->tot_len;

  ip->tot_len = bpf_htons(bpf_ntohs(old_len) + room);
  ip->check = ~zc_fold((__u16)~ip->check + (__u16)~old_len + ip->tot_len);
}

/* Writes `before_room` + room bytes. Constants in every branch: the verifier of Linux 6.1 forgets
 * the bounds of a length that was kept on the stack meanwhile. */
static __always_inline bool zc_store(struct __sk_buff* skb, __u32 off, const void* headers,
                                     const __u32 before_room, __u32 room) {
  const __u32 rtp = sizeof(struct zc_rtp_header), ext = sizeof(struct zc_rtp_filler_ext);
  __u32 bytes = before_room + rtp;

  if (room == rtp + ext)
    bytes = before_room + rtp + ext;
  else if (room == rtp + ZC_MPA_HEADER_BYTES)
    bytes = before_room + rtp + ZC_MPA_HEADER_BYTES;
  else if (room != rtp)
    return false; /* never: zc_room knows no other */
  return bpf_skb_store_bytes(skb, off, headers, bytes, BPF_F_RECOMPUTE_CSUM) == 0;
}

/* The two emitters are global functions: verified once, each by itself. */
__noinline enum zc_verdict zc_emit_ipv4(struct __sk_buff* skb, const struct zc_packet* pkt,
                                        const struct zc_decision* decision,
                                        struct zc_stream* stream) {
  if (!pkt || !decision || !stream) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct {
    struct iphdr ip;
    struct zc_l4_headers l4;
  } headers = {};
  const __u32 before_room = sizeof(headers.ip) + sizeof(struct udphdr);

  if (!zc_read(skb, pkt->l3_off, &headers.ip) || !zc_read(skb, pkt->l4_off, &headers.l4.udp))
    return ZC_VERDICT_malformed;
  enum zc_verdict verdict = zc_make_room(skb, pkt, decision, false);
  if (verdict != ZC_GO_ON) return verdict;

  zc_lengthen_ipv4(&headers.ip, decision->room);
  zc_build_l4(decision, stream, zc_sum_words(&headers.ip.saddr, 8, 0), &headers.l4);
  return zc_store(skb, pkt->l3_off, &headers, before_room, decision->room) ? ZC_VERDICT_stamped
                                                                           : ZC_VERDICT_no_room;
}

__noinline enum zc_verdict zc_emit_ipv6(struct __sk_buff* skb, const struct zc_packet* pkt,
                                        const struct zc_decision* decision,
                                        struct zc_stream* stream) {
  if (!pkt || !decision || !stream) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct {
    struct ipv6hdr ip;
    struct zc_l4_headers l4;
  } headers = {};
  const __u32 before_room = sizeof(headers.ip) + sizeof(struct udphdr);

  if (!zc_read(skb, pkt->l3_off, &headers.ip) || !zc_read(skb, pkt->l4_off, &headers.l4.udp))
    return ZC_VERDICT_malformed;
  enum zc_verdict verdict = zc_make_room(skb, pkt, decision, true);
  if (verdict != ZC_GO_ON) return verdict;

  headers.ip.payload_len = bpf_htons(bpf_ntohs(headers.ip.payload_len) + decision->room);
  zc_build_l4(decision, stream, zc_sum_words(&headers.ip.saddr, 32, 0), &headers.l4);
  return zc_store(skb, pkt->l3_off, &headers, before_room, decision->room) ? ZC_VERDICT_stamped
                                                                           : ZC_VERDICT_no_room;
}

/* Gives one datagram its room and its headers. */
static __always_inline enum zc_verdict zc_emit(struct __sk_buff* skb, struct zc_packet* pkt,
                                               const struct zc_decision* decision,
                                               struct zc_stream* stream) {
  struct zc_vlan_tag tag = {};

  if (pkt->tags && !zc_tag_lift(skb, pkt, &tag)) return ZC_VERDICT_no_room;
  enum zc_verdict verdict = pkt->flow.family == ZC_IPV4 ? zc_emit_ipv4(skb, pkt, decision, stream)
                                                        : zc_emit_ipv6(skb, pkt, decision, stream);
  if (pkt->tags && !zc_tag_restore(skb, &tag)) return ZC_VERDICT_no_room;
  return verdict;
}

#endif /* ZC_EGRESS_EMIT_H */
