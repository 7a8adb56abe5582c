/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes the room and writes the headers: with vlan.h all that changes a packet.
 *
 * All writes go through bpf_skb_store_bytes. A direct write would be cheaper here, but its mere
 * presence makes the verifier unclone *every* packet at the program's start, also those of no
 * rule: a copy of the head for each TCP segment on the host. BPF_F_RECOMPUTE_CSUM is for packets
 * that a redirect brought from a device that summed them (CHECKSUM_COMPLETE); others ignore it. */
#ifndef ZC_EMIT_H
#define ZC_EMIT_H

#include "checksum.h"
#include "stamp.h"

/* What stands between the IP header and the payload. */
struct zc_l4_headers {
  struct udphdr udp;
  struct zc_rtp_header rtp;
  struct zc_rtp_filler_ext ext; /* lco; or the first four bytes a payload header of zeros */
};

#define ZC_MAX_CUT (ZC_ETHERNET_BYTES + ZC_IPV6_BYTES + 2) /* tags have been lifted */

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

static __always_inline __u16 zc_new_udp_check(const struct zc_plan* plan, __u32 addresses,
                                              const struct zc_l4_headers* l4, __be16 old_len,
                                              __be16 old_check) {
  __u32 sum;

  switch (plan->way) {
    case ZC_CSUM_DEVICE:
      /* From the filler's extension on, the packet will sum to 0: it does not count. */
      return zc_header_check(addresses, &l4->udp, &l4->rtp);
    case ZC_CSUM_UPDATE:
      if (old_check == 0) return 0; /* the sender wanted none */
      /* The length stands in the UDP header and in the pseudo-header. */
      sum = (__u16)~old_check + 2 * (__u32)(__u16)~old_len + 2 * (__u32)l4->udp.len;
      sum = zc_sum_words(&l4->rtp, sizeof(l4->rtp), sum);
      return zc_udp_check(zc_sum_words(&l4->ext, sizeof(l4->ext), sum));
    case ZC_CSUM_SUM:
      /* A payload header (MPA) is all zeros. */
      return zc_header_check(addresses + plan->payload_sum, &l4->udp, &l4->rtp);
    default:
      return 0;
  }
}

/* Fills in everything from the UDP header on; `l4->udp` holds the old UDP header. */
static __always_inline void zc_build_l4(const struct zc_plan* plan, struct zc_stream* stream,
                                        __u32 addresses, struct zc_l4_headers* l4) {
  __be16 old_len = l4->udp.len, old_check = l4->udp.check;
  __u32 payload = bpf_ntohs(old_len) - sizeof(struct udphdr);

  zc_stamp(stream, plan->how, zc_timestamp(stream, plan), payload + plan->how.payload_header_bytes,
           &l4->rtp);
  if (plan->how.checksum == ZC_CHECKSUM_LCO) zc_write_filler_ext(l4);
  l4->udp.len = bpf_htons(bpf_ntohs(old_len) + plan->room);
  l4->udp.check = zc_new_udp_check(plan, addresses, l4, old_len, old_check);
}

/* RFC 1624: the header checksum follows the one field that changes. */
static __always_inline void zc_lengthen_ipv4(struct iphdr* ip, __u32 room) {
  __be16 old_len = ip->tot_len;

  ip->tot_len = bpf_htons(bpf_ntohs(old_len) + room);
  ip->check = ~zc_fold((__u16)~ip->check + (__u16)~old_len + ip->tot_len);
}

static __always_inline bool zc_grow(struct __sk_buff* skb, __s32 bytes) {
  return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_NET, 0) == 0;
}

/* Opens `room` bytes behind the IP header, `l4_off` from the packet's start, by a cut: shrinking
 * past csum_start makes the kernel forget PARTIAL (skb_postpull_rcsum). The bytes that go are UDP
 * header and payload; those of the payload are put back. How many they are, the verifier must be
 * able to tell on each path: hence `ipv6`, not a length. */
__noinline enum zc_verdict zc_cut_room(struct __sk_buff* skb, __u32 l4_off, bool ipv6, __u32 room) {
  const __u32 cut = ipv6 ? zc_trim_bytes(zc_config.l2_bytes, ZC_IPV6_BYTES)
                         : zc_trim_bytes(zc_config.l2_bytes, ZC_IPV4_BYTES);
  __u8 kept[ZC_MAX_CUT - sizeof(struct udphdr)];
  __u32 keep = cut - sizeof(struct udphdr);
  __u32 payload_off = l4_off + sizeof(struct udphdr);

  if (keep == 0 || keep > sizeof(kept)) return ZC_VERDICT_no_room; /* never: for the verifier */
  if (bpf_skb_load_bytes(skb, payload_off, kept, keep)) return ZC_VERDICT_short;
  if (!zc_grow(skb, -(__s32)cut) || !zc_grow(skb, cut + room) ||
      bpf_skb_store_bytes(skb, payload_off + room, kept, keep, BPF_F_RECOMPUTE_CSUM))
    return ZC_VERDICT_no_room;
  return ZC_VERDICT_stamped;
}

/* _stamped: there is room. */
static __always_inline enum zc_verdict zc_make_room(struct __sk_buff* skb,
                                                    const struct zc_packet* pkt,
                                                    const struct zc_plan* plan, bool ipv6) {
  const __u32 most = sizeof(struct zc_l4_headers) - sizeof(struct udphdr);

  if (plan->room > most) return ZC_VERDICT_no_room; /* zcctl offers no such rule */
  if (zc_is_cut(plan->way)) return zc_cut_room(skb, pkt->l4_off, ipv6, plan->room);
  return zc_grow(skb, plan->room) ? ZC_VERDICT_stamped : ZC_VERDICT_no_room;
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
                                        const struct zc_plan* plan, struct zc_stream* stream) {
  if (!pkt || !plan || !stream) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct {
    struct iphdr ip;
    struct zc_l4_headers l4;
  } headers = {};
  const __u32 before_room = sizeof(headers.ip) + sizeof(struct udphdr);

  if (!zc_read(skb, pkt->l3_off, &headers.ip) || !zc_read(skb, pkt->l4_off, &headers.l4.udp))
    return ZC_VERDICT_malformed;
  enum zc_verdict room = zc_make_room(skb, pkt, plan, false);
  if (room != ZC_VERDICT_stamped) return room;

  zc_lengthen_ipv4(&headers.ip, plan->room);
  zc_build_l4(plan, stream, zc_sum_words(&headers.ip.saddr, 8, 0), &headers.l4);
  return zc_store(skb, pkt->l3_off, &headers, before_room, plan->room) ? ZC_VERDICT_stamped
                                                                       : ZC_VERDICT_no_room;
}

__noinline enum zc_verdict zc_emit_ipv6(struct __sk_buff* skb, const struct zc_packet* pkt,
                                        const struct zc_plan* plan, struct zc_stream* stream) {
  if (!pkt || !plan || !stream) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct {
    struct ipv6hdr ip;
    struct zc_l4_headers l4;
  } headers = {};
  const __u32 before_room = sizeof(headers.ip) + sizeof(struct udphdr);

  if (!zc_read(skb, pkt->l3_off, &headers.ip) || !zc_read(skb, pkt->l4_off, &headers.l4.udp))
    return ZC_VERDICT_malformed;
  enum zc_verdict room = zc_make_room(skb, pkt, plan, true);
  if (room != ZC_VERDICT_stamped) return room;

  headers.ip.payload_len = bpf_htons(bpf_ntohs(headers.ip.payload_len) + plan->room);
  zc_build_l4(plan, stream, zc_sum_words(&headers.ip.saddr, 32, 0), &headers.l4);
  return zc_store(skb, pkt->l3_off, &headers, before_room, plan->room) ? ZC_VERDICT_stamped
                                                                       : ZC_VERDICT_no_room;
}

#endif /* ZC_EMIT_H */
