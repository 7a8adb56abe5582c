/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes room behind the UDP header of one packet. Writes no header. */
#ifndef ZC_EGRESS_ROOM_H
#define ZC_EGRESS_ROOM_H

#include "egress/checksum.h"
#include "zc/room.h"

static __always_inline bool zc_grow(struct __sk_buff* skb, __s32 bytes) {
  return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_NET, 0) == 0;
}

static __always_inline bool zc_grow_from_l3(struct __sk_buff* skb, __s32 bytes) {
  return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_MAC, 0) == 0;
}

static __always_inline bool zc_is_partial(struct __sk_buff* skb) {
  struct zc_skb_csum csum = {};

  zc_skb_csum(skb, &csum);
  return csum.ip_summed == CHECKSUM_PARTIAL;
}

/* A trim (zc/room.h) takes out the headers from IP on and the first bytes of the payload, and opens
 * as much and `room` bytes again. Taking bytes out past csum_start makes the kernel forget PARTIAL
 * (skb_postpull_rcsum; Linux 6.2, 6.1.5, 5.15.87). All that was taken out has to be written again.
 * False also where PARTIAL is still there: the device would write into the RTP header. Constants on
 * both paths, for the verifier. */
static __always_inline bool zc_trim(struct __sk_buff* skb, bool ipv6, __u32 room) {
  const __s32 headers = (ipv6 ? ZC_IPV6_BYTES : ZC_IPV4_BYTES) + ZC_UDP_BYTES;
  const __s32 trim = headers + ZC_TRIM_PAYLOAD;

  return zc_grow_from_l3(skb, -trim) && zc_grow_from_l3(skb, trim + (__s32)room) &&
         !zc_is_partial(skb);
}

/* Gives a payload that is too short for a trim zeros behind. Slow: the kernel copies the packet. */
static __always_inline bool zc_pad(struct __sk_buff* skb, __u32 l4_off, __u32 payload, bool ipv6) {
  const __u32 least = zc_trim_least_payload(ipv6 ? ZC_IPV6_BYTES : ZC_IPV4_BYTES);

  return payload >= least || bpf_skb_change_tail(skb, l4_off + ZC_UDP_BYTES + least, 0) == 0;
}

static __always_inline bool zc_unpad(struct __sk_buff* skb, __u32 l4_off, __u32 payload, bool ipv6,
                                     __u32 room) {
  const __u32 least = zc_trim_least_payload(ipv6 ? ZC_IPV6_BYTES : ZC_IPV4_BYTES);

  return payload >= least ||
         bpf_skb_change_tail(skb, l4_off + ZC_UDP_BYTES + room + payload, 0) == 0;
}

#endif /* ZC_EGRESS_ROOM_H */
