/* SPDX-License-Identifier: GPL-2.0-only */
/* Super-packets: many datagrams in one skb (UDP_SEGMENT), of which each must get a header of its
 * own.
 *
 *   app: one sendfile → super-packet at the device's egress → room, mark, redirect → stage cuts it
 *   → each piece comes back to the device's egress, with its stream's slot in the mark → headers
 *
 * The room is made once, on the super-packet, where it looks to the cutter like part of the IP
 * header, which it copies to every piece: IPv4 options, or an IPv6 destination options header. A
 * piece then has its room already and only has to be written over. docs/stage.md has the figures.
 *
 * That needs the way ZC_CSUM_DEVICE, where nothing between IP header and payload has to stay.
 * Pieces of other ways come back without a mark and are stamped like any datagram. */
#ifndef ZC_SUPER_H
#define ZC_SUPER_H

#include "emit.h"

#define ZC_IHL_WITH_ROOM ((sizeof(struct iphdr) + ZC_ROOM_LCO) / 4)
#define ZC_PADN 1 /* RFC 8200 4.2 */
/* Stands in the room until the headers do: marks and options of this length others may have, too.
 * Its first byte on the wire is 0, which ends IPv4's options (RFC 791 3.1). */
#define ZC_ROOM_SIGN bpf_htonl(0x007a6352u)

/* The stage's ifindex; 0: there is none, and super-packets cannot be cut. */
static __always_inline __u32 zc_stage(void) {
  __u32 zero = 0;
  struct zc_meta* meta = bpf_map_lookup_elem(&zc_meta, &zero);
  return meta ? *(volatile __u32*)&meta->stage : 0;
}

/* SO_NETNS_COOKIE of the namespace that the packet's device is in. */
static __always_inline __u64 zc_netns_cookie(struct __sk_buff* ctx) {
  if (zc_config.kern_ctx) {
    struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);
    return skb->dev->nd_net.net->net_cookie;
  }
  return BPF_CORE_READ((struct sk_buff*)ctx, dev, nd_net.net, net_cookie);
}

/* Can the stage cut it? Not where the device was moved to another namespace: the stage's index
 * would lead to a stranger there. And what is short the stage cuts for its number of pieces only,
 * which the kernel does not know of what a virtual machine sent: such a packet would come back
 * whole, again and again. */
static __always_inline bool zc_can_cut(struct __sk_buff* skb) {
  __u32 zero = 0;
  struct zc_meta* meta = bpf_map_lookup_elem(&zc_meta, &zero);

  return meta && zc_stage() && meta->netns_cookie == zc_netns_cookie(skb) &&
         (skb->len >= ZC_STAGE_CUT_BYTES || skb->gso_segs);
}

/* The beginning of an IPv6 destination options header as long as the room: nothing but padding. */
struct zc_ipv6_room {
  __u8 next;
  __u8 length; /* in 8 bytes beyond the first 8 */
  __u8 padn;
  __u8 padn_length;
  __be32 sign;
};

static __always_inline void zc_fill_ipv6_room(struct zc_ipv6_room* room, __u8 next) {
  room->next = next;
  room->length = ZC_ROOM_LCO_IPV6_PIECE / 8 - 1;
  room->padn = ZC_PADN;
  room->padn_length = ZC_ROOM_LCO_IPV6_PIECE - 4;
  room->sign = ZC_ROOM_SIGN;
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
    struct zc_ipv6_room room;
    __u8 zero[ZC_ROOM_LCO_IPV6_PIECE - sizeof(struct zc_ipv6_room)];
  } headers = {};

  if (!zc_read(skb, pkt->l3_off, &headers.ip)) return false;
  zc_fill_ipv6_room(&headers.room, headers.ip.nexthdr);
  headers.ip.nexthdr = IPPROTO_DSTOPTS;
  return zc_grow_super(skb, ZC_ROOM_LCO_IPV6_PIECE) &&
         bpf_skb_store_bytes(skb, pkt->l3_off, &headers, sizeof(headers), 0) == 0;
}

/* Headroom without a change: a head grown once keeps it, and every piece is cut with as much. */
static __always_inline bool zc_headroom(struct __sk_buff* skb) {
  return zc_grow_super(skb, ZC_ROOM_LCO_IPV6_PIECE) &&
         zc_grow_super(skb, -(__s32)ZC_ROOM_LCO_IPV6_PIECE);
}

/* Makes the super-packet ready for the stage. _super: redirect it. */
__noinline enum zc_verdict zc_prepare_super(struct __sk_buff* skb, const struct zc_packet* pkt,
                                            const struct zc_plan* plan, __u32 slot) {
  if (!pkt || !plan) return ZC_VERDICT_no_state; /* never: for the verifier */
  struct zc_stream* stream = zc_stream_at(slot);
  if (!stream) return ZC_VERDICT_no_state;

  /* For a device without offload the kernel sets csum_start and does not say PARTIAL. A head that
   * grows does not take that csum_start along, and the cutter then refuses the packet: no room, and
   * none for the tag that the stage would put into the frame. The pieces come back summed. */
  if (plan->way == ZC_CSUM_UPDATE || plan->way == ZC_CSUM_CLEAR)
    return skb->vlan_present ? ZC_VERDICT_checksum : ZC_VERDICT_super;
  /* Changing room forgets the number of pieces, which is what makes the stage cut a short one.
   * Behind a tag in the frame none can be made, and the stage puts a tag beside the frame into it.
   * Such pieces come back as ordinary datagrams. */
  if (skb->len < ZC_STAGE_CUT_BYTES || pkt->tags || skb->vlan_present) return ZC_VERDICT_super;
  if (plan->way != ZC_CSUM_DEVICE) return zc_headroom(skb) ? ZC_VERDICT_super : ZC_VERDICT_no_room;

  bool room = pkt->flow.family == ZC_IPV4 ? zc_room_in_ipv4(skb, pkt) : zc_room_in_ipv6(skb, pkt);
  if (!room) return ZC_VERDICT_no_room;
  zc_timestamp(stream, plan);
  stream->app_mark = skb->mark;
  skb->mark = ZC_PIECE_MARK | slot;
  return ZC_VERDICT_super;
}

/* Perhaps a piece: others may set a mark too, so the room has to be signed. */
static __always_inline bool zc_is_marked(struct __sk_buff* skb) {
  return (skb->mark & ZC_PIECE_MARK_MASK) == ZC_PIECE_MARK && !skb->gso_size;
}

static __always_inline bool zc_stamp_piece_ipv4(struct __sk_buff* skb, struct zc_stream* stream,
                                                union zc_how how) {
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
  zc_stamp(stream, how, stream->last_ts, payload, &headers.l4.rtp);
  zc_write_filler_ext(&headers.l4);
  udp->len = bpf_htons(bpf_ntohs(udp->len) + ZC_ROOM_LCO);
  udp->check = zc_header_check(zc_sum_words(&headers.ip.saddr, 8, 0), udp, &headers.l4.rtp);
  return bpf_skb_store_bytes(skb, l3_off, &headers, sizeof(headers), 0) == 0;
}

static __always_inline bool zc_stamp_piece_ipv6(struct __sk_buff* skb, struct zc_stream* stream,
                                                union zc_how how) {
  const __u32 l3_off = ZC_ETHERNET_BYTES; /* super-packets with a tag in the frame are not marked */
  struct {
    struct ipv6hdr ip;
    struct udphdr udp;
    struct zc_rtp_header rtp;
    struct zc_rtp_filler_ext2 ext;
  } headers = {};
  struct udphdr* udp = &headers.udp;
  struct zc_ipv6_room room = {}, expected = {};

  zc_fill_ipv6_room(&expected, IPPROTO_UDP);
  if (!zc_read(skb, l3_off, &headers.ip) || headers.ip.nexthdr != IPPROTO_DSTOPTS ||
      !zc_read(skb, l3_off + sizeof(headers.ip), &room) ||
      __builtin_memcmp(&room, &expected, sizeof(room)) ||
      !zc_read(skb, l3_off + sizeof(headers.ip) + ZC_ROOM_LCO_IPV6_PIECE, udp) ||
      skb->len != l3_off + sizeof(headers.ip) + bpf_ntohs(headers.ip.payload_len) ||
      skb->len != l3_off + sizeof(headers.ip) + ZC_ROOM_LCO_IPV6_PIECE + bpf_ntohs(udp->len))
    return false;
  headers.ip.nexthdr = IPPROTO_UDP;

  __u32 payload = bpf_ntohs(udp->len) - sizeof(*udp);
  zc_stamp(stream, how, stream->last_ts, payload, &headers.rtp);
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
  __u32 slot = skb->mark & ~ZC_PIECE_MARK_MASK;
  struct zc_stream* stream = zc_stream_at(slot);
  if (!stream || stream->state != ZC_SLOT_USED) return false;
  __u32 rule_id = stream->rule;
  struct zc_rule* rule = bpf_map_lookup_elem(&zc_rules, &rule_id);
  if (!rule) return false;

  union zc_how how = {.word = *(volatile __u64*)&rule->options.how.word};
  bool stamped = false;
  if (skb->protocol == bpf_htons(ETH_P_IP)) stamped = zc_stamp_piece_ipv4(skb, stream, how);
  if (skb->protocol == bpf_htons(ETH_P_IPV6)) stamped = zc_stamp_piece_ipv6(skb, stream, how);
  if (stamped) skb->mark = stream->app_mark;
  return stamped;
}

#endif /* ZC_SUPER_H */
