/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes the headers of one packet, a datagram of its own or a piece: with room.h, vlan.h and
 * super.h all that changes a packet.
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

#define ZC_MOST_REST sizeof(struct zc_rtp_uni_ext)

/* What stands between the IP header and the payload: what follows RTP is the extension of lco or
 * uni, or a payload header of zeros; and behind it, of a packet that is trimmed, the bytes of the
 * payload that have to be written again. */
struct zc_l4_headers {
  struct udphdr udp;
  struct zc_rtp_header rtp;
  union {
    struct zc_rtp_filler_ext lco;
    struct zc_rtp_uni_ext uni;
    struct {
      __u8 payload_header[ZC_MPA_HEADER_BYTES];
      __u8 behind_it[ZC_TRIM_PAYLOAD];
    };
    __u8 begin[ZC_TRIM_PAYLOAD]; /* of the payload, where it has no header */
    __u8 rest[ZC_MOST_REST];     /* uni's is the longest */
  };
};

/* All of them, of which a packet comes with those of `old`, and leaves with what fits it. */
struct zc_ipv4_headers {
  union {
    struct {
      struct iphdr ip;
      struct zc_l4_headers l4;
    };
    struct {
      struct iphdr ip;
      struct udphdr udp;
    } old;
  };
};

struct zc_ipv6_headers {
  union {
    struct {
      struct ipv6hdr ip;
      struct zc_l4_headers l4;
    };
    struct {
      struct ipv6hdr ip;
      struct udphdr udp;
    } old;
  };
};

ZC_STATIC_ASSERT(sizeof(struct zc_l4_headers) ==
                     ZC_UDP_BYTES + sizeof(struct zc_rtp_header) + ZC_MOST_REST,
                 "no more");
ZC_STATIC_ASSERT(sizeof(struct udphdr) == ZC_UDP_BYTES && sizeof(struct iphdr) == ZC_IPV4_BYTES &&
                     sizeof(struct ipv6hdr) == ZC_IPV6_BYTES,
                 "written whole");

/* Sum of pseudo-header (RFC 768, RFC 8200 8.1), UDP header and RTP header, without the checksum.
 * `addresses` is the sum of both IP addresses. */
static __always_inline __u64 zc_header_sum(__u64 addresses, const struct udphdr* udp,
                                           const struct zc_rtp_header* rtp) {
  __u64 sum = addresses + bpf_htons(IPPROTO_UDP) + 2 * (__u32)udp->len; /* in both of them */

  return zc_sum_words(rtp, sizeof(*rtp), sum + udp->source + udp->dest);
}

static __always_inline void zc_begin_lco(struct zc_l4_headers* l4) {
  l4->rtp.v_p_x_cc |= ZC_RTP_EXTENSION_BIT;
  l4->lco.profile = bpf_htons(ZC_RTP_EXT_ONE_BYTE);
  l4->lco.words = bpf_htons(1);
  l4->lco.id_len = ZC_RTP_EXT_ID_LEN;
}

static __always_inline void zc_begin_uni(struct zc_l4_headers* l4) {
  l4->rtp.v_p_x_cc |= ZC_RTP_EXTENSION_BIT;
  l4->uni.profile = bpf_htons(ZC_RTP_EXT_ONE_BYTE);
  l4->uni.words = bpf_htons(3);
  l4->uni.id_len = ZC_RTP_UNI_EXT_ID_LEN;
}

/* The checksum of `uni` is the sum P of the pseudo-header itself, not its complement, and `balance`
 * is what makes that right: P + (everything before csum_start) + P = 0. A device that stores at
 * csum_start + 6 makes the rest 0, and P is the checksum; one that finds the UDP header and counts
 * what stands in it finds the P that the kernel would have left there; one that does not, ignores
 * it. docs/checksums.md has the proof. */
static __always_inline __u16 zc_uni_check(struct zc_l4_headers* l4, __u64 addresses) {
  __u16 pseudo = zc_fold(addresses + bpf_htons(IPPROTO_UDP) + l4->udp.len);
  if (!pseudo) pseudo = 0xffff; /* the same sum; 0 would say that there is none */
  __u64 sum = zc_header_sum(addresses, &l4->udp, &l4->rtp) + pseudo;

  sum = zc_sum_words(&l4->uni, sizeof(l4->uni) - ZC_TRIM_PAYLOAD, sum);
  l4->uni.balance = ~zc_fold(sum);
  return pseudo;
}

/* Adds what is new to the old checksum (RFC 1624); the length stands in the UDP header and in the
 * pseudo-header. An extension counts whole: no device will write into it. */
static __always_inline __u16 zc_updated_check(const struct zc_l4_headers* l4, __be16 old_len,
                                              __be16 old_check) {
  if (old_check == 0) return 0; /* the sender wanted none */
  __u64 sum = (__u16)~old_check + 2 * (__u32)(__u16)~old_len + 2 * (__u32)l4->udp.len;

  sum = zc_sum_words(&l4->rtp, sizeof(l4->rtp), sum);
  return zc_udp_check(zc_sum_words(&l4->uni, sizeof(l4->uni), sum));
}

/* Fills in everything from the UDP header on; `l4->udp` holds the old UDP header. */
static __always_inline void zc_build_l4(const struct zc_decision* decision,
                                        struct zc_stream* stream, __u64 addresses,
                                        struct zc_l4_headers* l4) {
  __be16 old_len = l4->udp.len, old_check = l4->udp.check;
  __u32 payload = bpf_ntohs(old_len) - sizeof(struct udphdr);

  zc_stamp(stream, decision->how, &decision->timing, payload + decision->how.payload_header_bytes,
           &l4->rtp);
  l4->udp.len = bpf_htons(bpf_ntohs(old_len) + decision->room);
  if (decision->how.checksum == ZC_CHECKSUM_LCO) zc_begin_lco(l4);
  if (decision->how.checksum == ZC_CHECKSUM_UNI) zc_begin_uni(l4);

  switch (decision->csum_op) {
    case ZC_CSUM_LCO: /* the rest will sum to zero */
      l4->udp.check = zc_udp_check(zc_header_sum(addresses, &l4->udp, &l4->rtp));
      break;
    case ZC_CSUM_UNI:
      l4->udp.check = zc_uni_check(l4, addresses);
      break;
    case ZC_CSUM_UPDATE:
      l4->udp.check = zc_updated_check(l4, old_len, old_check);
      break;
    case ZC_CSUM_SUM: /* a payload header (MPA) is all zeros */
      l4->udp.check =
          zc_udp_check(zc_header_sum(addresses, &l4->udp, &l4->rtp) + decision->payload_sum);
      break;
    default:
      l4->udp.check = 0;
  }
}

/* Changes the length, and the header checksum by that one field (RFC 1624). */
static __always_inline void zc_lengthen_ipv4(struct iphdr* ip, __u32 room) {
  __be16 old_len = ip->tot_len;

  ip->tot_len = bpf_htons(bpf_ntohs(old_len) + room);
  ip->check = ~zc_fold((__u16)~ip->check + (__u16)~old_len + ip->tot_len);
}

/* Makes room, and copies to `l4` what of the payload will have to be written again. */
static __always_inline bool zc_open(struct __sk_buff* skb, __u32 l4_off, __u32 payload, bool ipv6,
                                    const struct zc_decision* decision, struct zc_l4_headers* l4) {
  bool extended =
      decision->how.checksum == ZC_CHECKSUM_LCO || decision->how.checksum == ZC_CHECKSUM_UNI;
  if (decision->how.payload_header_bytes && extended) return false; /* zcctl offers no such rule */
  if (!zc_is_trimmed(decision->csum_op)) return zc_grow(skb, decision->room);

  __u64 begin;
  if (!zc_pad(skb, l4_off, payload, ipv6) ||
      bpf_skb_load_bytes(skb, l4_off + ZC_UDP_BYTES, &begin, sizeof(begin)))
    return false;
  __builtin_memcpy(decision->how.payload_header_bytes ? l4->behind_it : l4->begin, &begin,
                   sizeof(begin));
  return zc_trim(skb, ipv6, decision->room);
}

/* Writes all headers, of which `before_rest` bytes are IP's, UDP's and RTP's, and takes off again
 * what a short payload was given. */
static __always_inline enum zc_verdict zc_close(struct __sk_buff* skb, __u32 l3_off, __u32 payload,
                                                bool ipv6, const struct zc_decision* decision,
                                                const void* headers, const __u32 before_rest) {
  const __u32 l4_off = l3_off + (ipv6 ? ZC_IPV6_BYTES : ZC_IPV4_BYTES);
  bool trimmed = zc_is_trimmed(decision->csum_op);
  __u64 rest = decision->room - sizeof(struct zc_rtp_header);
  if (trimmed) rest += ZC_TRIM_PAYLOAD;

  /* No rest is longer. Said here, in one register, so that the verifier of Linux 6.1 sees it, which
   * forgets what was checked on a copy. */
  asm volatile("if %0 < 17 goto +1; %0 = 16" : "+r"(rest));
  if (bpf_skb_store_bytes(skb, l3_off, headers, before_rest + rest, BPF_F_RECOMPUTE_CSUM))
    return ZC_VERDICT_no_room;
  if (trimmed && !zc_unpad(skb, l4_off, payload, ipv6, decision->room)) return ZC_VERDICT_no_room;
  return ZC_VERDICT_stamped;
}

/* Opens room in a packet whose IP and UDP header are in `headers`, and writes all of them. */
static __always_inline enum zc_verdict zc_write_ipv4(struct __sk_buff* skb, __u32 l3_off,
                                                     const struct zc_decision* decision,
                                                     struct zc_stream* stream,
                                                     struct zc_ipv4_headers* headers) {
  __u32 payload = bpf_ntohs(headers->l4.udp.len) - ZC_UDP_BYTES;
  __u64 addresses = zc_sum_words(&headers->ip.saddr, 8, 0);

  if (!zc_open(skb, l3_off + ZC_IPV4_BYTES, payload, false, decision, &headers->l4))
    return ZC_VERDICT_no_room;
  zc_lengthen_ipv4(&headers->ip, decision->room);
  zc_build_l4(decision, stream, addresses, &headers->l4);
  return zc_close(skb, l3_off, payload, false, decision, headers,
                  __builtin_offsetof(struct zc_ipv4_headers, l4.rest));
}

static __always_inline enum zc_verdict zc_write_ipv6(struct __sk_buff* skb, __u32 l3_off,
                                                     const struct zc_decision* decision,
                                                     struct zc_stream* stream,
                                                     struct zc_ipv6_headers* headers) {
  __u32 payload = bpf_ntohs(headers->l4.udp.len) - ZC_UDP_BYTES;
  __u64 addresses = zc_sum_words(&headers->ip.saddr, 32, 0);
  /* Summed here, before the compiler keeps all the words until it has to. */
  asm volatile("" : "+r"(addresses));

  if (!zc_open(skb, l3_off + ZC_IPV6_BYTES, payload, true, decision, &headers->l4))
    return ZC_VERDICT_no_room;
  headers->ip.payload_len = bpf_htons(bpf_ntohs(headers->ip.payload_len) + decision->room);
  zc_build_l4(decision, stream, addresses, &headers->l4);
  return zc_close(skb, l3_off, payload, true, decision, headers,
                  __builtin_offsetof(struct zc_ipv6_headers, l4.rest));
}

/* The two emitters are global functions: verified once, each by itself. */
__noinline enum zc_verdict zc_emit_ipv4(struct __sk_buff* skb, const struct zc_packet* pkt,
                                        const struct zc_decision* decision,
                                        struct zc_stream* stream) {
  if (!pkt || !decision || !stream) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct zc_ipv4_headers headers = {};

  if (!zc_read(skb, pkt->l3_off, &headers.ip) || !zc_read(skb, pkt->l4_off, &headers.l4.udp))
    return ZC_VERDICT_malformed;
  return zc_write_ipv4(skb, pkt->l3_off, decision, stream, &headers);
}

__noinline enum zc_verdict zc_emit_ipv6(struct __sk_buff* skb, const struct zc_packet* pkt,
                                        const struct zc_decision* decision,
                                        struct zc_stream* stream) {
  if (!pkt || !decision || !stream) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct zc_ipv6_headers headers = {};

  if (!zc_read(skb, pkt->l3_off, &headers.ip) || !zc_read(skb, pkt->l4_off, &headers.l4.udp))
    return ZC_VERDICT_malformed;
  return zc_write_ipv6(skb, pkt->l3_off, decision, stream, &headers);
}

/* Gives one packet its room and its headers. */
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
