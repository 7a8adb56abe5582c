/* SPDX-License-Identifier: GPL-2.0-only */
/* A piece that the stage cut from a super-packet: a datagram, for which its super-packet's note
 * stands in the place of tables, clock and most checks. Its headers are where the cutter puts them:
 * all else is no piece, and goes the usual way. */
#ifndef ZC_EGRESS_PIECE_H
#define ZC_EGRESS_PIECE_H

#include "egress/emit.h"
#include "egress/note.h"
#include "egress/pace.h"
#include "egress/pcr.h"
#include "rtp/count.h"
#include "rtp/stream.h"

#define ZC_IPV4_VERSION_IHL 0x45 /* version 4, no options (RFC 791 3.1) */

/* Says whether it may be a piece: others set marks, too. */
static __always_inline bool zc_is_marked(struct __sk_buff* skb) {
  return (skb->mark & ZC_PIECE_MARK_MASK) == ZC_PIECE_MARK && !skb->gso_size;
}

/* The stream of the note; NULL where it is not there any more. */
static __always_inline struct zc_stream* zc_note_stream(const struct zc_super* note) {
  struct zc_stream* stream = zc_stream_at(note->slot);
  if (!stream || stream->state != ZC_SLOT_USED || stream->ssrc != note->ssrc) return NULL;
  return stream;
}

/* When it leaves: with its super-packet, unless its clock follows the media. */
static __always_inline bool zc_piece_timing(struct __sk_buff* skb, const struct zc_super* note,
                                            const struct zc_stream* stream, __u32 l4_off,
                                            __u32 payload, struct zc_timing* timing) {
  timing->timestamp = note->timestamp;
  if (note->how.timestamp == ZC_TIMESTAMP_WALL) return true;
  __u32 rule_id = stream->rule;
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return false;
  zc_clock_of_rule(&rule->options, timing);
  if (note->how.timestamp == ZC_TIMESTAMP_PCR)
    zc_follow_pcr(skb, l4_off + ZC_UDP_BYTES, payload, note->slot, timing);
  return true;
}

/* What the note says, and what the packet's checksum asks for. */
static __always_inline bool zc_piece_decide(struct __sk_buff* skb, const struct zc_super* note,
                                            const struct zc_stream* stream, __u32 l4_off,
                                            __u32 payload, struct zc_decision* decision) {
  decision->how = note->how;
  decision->room = zc_room(note->how);
  return zc_choose_csum_op(skb, l4_off, note->how.checksum, &decision->csum_op) == ZC_GO_ON &&
         zc_sum_payload(skb, l4_off, payload, decision) &&
         zc_piece_timing(skb, note, stream, l4_off, payload, &decision->timing);
}

/* Reads the headers; false: this is no such packet, or the lengths contradict each other. A virtual
 * machine's super-packet may have been cut into fragments. */
static __always_inline bool zc_piece_read_ipv4(struct __sk_buff* skb,
                                               struct zc_ipv4_headers* headers) {
  const struct iphdr* ip = &headers->ip;
  const struct udphdr* udp = &headers->l4.udp;

  if (!zc_read(skb, ZC_ETHERNET_BYTES, &headers->old)) return false;
  return *(__u8*)ip == ZC_IPV4_VERSION_IHL && ip->protocol == IPPROTO_UDP &&
         !(ip->frag_off & bpf_htons(IP_MF | IP_OFFSET)) &&
         skb->len == ZC_ETHERNET_BYTES + bpf_ntohs(ip->tot_len) &&
         bpf_ntohs(ip->tot_len) == ZC_IPV4_BYTES + bpf_ntohs(udp->len) &&
         bpf_ntohs(udp->len) >= ZC_UDP_BYTES;
}

static __always_inline bool zc_piece_read_ipv6(struct __sk_buff* skb,
                                               struct zc_ipv6_headers* headers) {
  const struct ipv6hdr* ip = &headers->ip;
  const struct udphdr* udp = &headers->l4.udp;

  if (!zc_read(skb, ZC_ETHERNET_BYTES, &headers->old)) return false;
  return ip->version == 6 && ip->nexthdr == IPPROTO_UDP && ip->payload_len == udp->len &&
         bpf_ntohs(udp->len) >= ZC_UDP_BYTES &&
         skb->len == ZC_ETHERNET_BYTES + ZC_IPV6_BYTES + bpf_ntohs(ip->payload_len);
}

/* It is stamped when its time has come, as a datagram of its own. */
static __always_inline enum zc_verdict zc_piece_wait(struct __sk_buff* skb,
                                                     const struct zc_super* note) {
  return zc_wait(skb, note->slot, note->sign, note->app_mark);
}

/* A piece that is stamped has the application's mark again; one that is not is counted. */
static __always_inline enum zc_verdict zc_end_piece(struct __sk_buff* skb,
                                                    const struct zc_super* note,
                                                    const struct zc_stream* stream,
                                                    enum zc_verdict verdict) {
  if (verdict == ZC_VERDICT_stamped)
    skb->mark = note->app_mark;
  else
    zc_count(stream->rule, verdict);
  return verdict;
}

__noinline enum zc_verdict zc_piece_ipv4(struct __sk_buff* skb, const struct zc_super* note) {
  if (!note) return ZC_GO_ON; /* never: for the verifier */
  struct zc_ipv4_headers headers = {};
  struct zc_decision decision = {};
  const struct udphdr* udp = &headers.l4.udp;

  if (!zc_piece_read_ipv4(skb, &headers) ||
      note->sign != zc_sign(&headers.ip.saddr, &headers.ip.daddr, 1, *(__u32*)udp))
    return ZC_GO_ON;
  struct zc_stream* stream = zc_note_stream(note);
  if (!stream) return ZC_GO_ON;
  if (note->how.pace) return zc_end_piece(skb, note, stream, zc_piece_wait(skb, note));
  if (!zc_piece_decide(skb, note, stream, ZC_ETHERNET_BYTES + ZC_IPV4_BYTES,
                       bpf_ntohs(udp->len) - ZC_UDP_BYTES, &decision))
    return ZC_GO_ON;
  return zc_end_piece(skb, note, stream,
                      zc_write_ipv4(skb, ZC_ETHERNET_BYTES, &decision, stream, &headers));
}

__noinline enum zc_verdict zc_piece_ipv6(struct __sk_buff* skb, const struct zc_super* note) {
  if (!note) return ZC_GO_ON; /* never: for the verifier */
  struct zc_ipv6_headers headers = {};
  struct zc_decision decision = {};
  const struct udphdr* udp = &headers.l4.udp;

  if (!zc_piece_read_ipv6(skb, &headers) ||
      note->sign != zc_sign(headers.ip.saddr.in6_u.u6_addr32, headers.ip.daddr.in6_u.u6_addr32, 4,
                            *(__u32*)udp))
    return ZC_GO_ON;
  struct zc_stream* stream = zc_note_stream(note);
  if (!stream) return ZC_GO_ON;
  if (note->how.pace) return zc_end_piece(skb, note, stream, zc_piece_wait(skb, note));
  if (!zc_piece_decide(skb, note, stream, ZC_ETHERNET_BYTES + ZC_IPV6_BYTES,
                       bpf_ntohs(udp->len) - ZC_UDP_BYTES, &decision))
    return ZC_GO_ON;
  return zc_end_piece(skb, note, stream,
                      zc_write_ipv6(skb, ZC_ETHERNET_BYTES, &decision, stream, &headers));
}

/* Stamps a piece and counts what becomes of it; ZC_GO_ON: no piece, whatever its mark says, or one
 * whose stream or note is lost: a datagram like any other. */
static __always_inline enum zc_verdict zc_handle_piece(struct __sk_buff* skb) {
  struct zc_super note;

  if (!zc_note_read(skb->mark, &note)) return ZC_GO_ON;
  if (skb->protocol == bpf_htons(ETH_P_IP)) return zc_piece_ipv4(skb, &note);
  if (skb->protocol == bpf_htons(ETH_P_IPV6)) return zc_piece_ipv6(skb, &note);
  return ZC_GO_ON;
}

#endif /* ZC_EGRESS_PIECE_H */
