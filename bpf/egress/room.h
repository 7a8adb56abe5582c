/* SPDX-License-Identifier: GPL-2.0-only */
/* Makes room behind the IP header of one datagram. Writes no header. */
#ifndef ZC_EGRESS_ROOM_H
#define ZC_EGRESS_ROOM_H

#include "egress/checksum.h"

#define ZC_MOST_ROOM ZC_ROOM_LCO /* of one datagram */

/* The longest trim: of IPv6, and tags have been lifted. */
#define ZC_MAX_TRIM (ZC_ETHERNET_BYTES + ZC_IPV6_BYTES + ZC_TRIM_BEYOND)

static __always_inline bool zc_grow(struct __sk_buff* skb, __s32 bytes) {
  return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_NET, 0) == 0;
}

/* Opens `room` bytes behind the IP header, `l4_off` from the packet's start, by a trim: shrinking
 * past csum_start makes the kernel forget PARTIAL (skb_postpull_rcsum). The bytes that go are UDP
 * header and payload; those of the payload are put back. How many they are, the verifier must be
 * able to tell on each path: hence `ipv6`, not a length. */
__noinline enum zc_verdict zc_trim_room(struct __sk_buff* skb, __u32 l4_off, bool ipv6,
                                        __u32 room) {
  const __u32 trim = ipv6 ? zc_trim_bytes(zc_config.l2_bytes, ZC_IPV6_BYTES)
                          : zc_trim_bytes(zc_config.l2_bytes, ZC_IPV4_BYTES);
  __u8 kept[ZC_MAX_TRIM - sizeof(struct udphdr)];
  __u32 keep = trim - sizeof(struct udphdr);
  __u32 payload_off = l4_off + sizeof(struct udphdr);

  if (keep == 0 || keep > sizeof(kept)) return ZC_VERDICT_no_room; /* never: for the verifier */
  if (bpf_skb_load_bytes(skb, payload_off, kept, keep)) return ZC_VERDICT_short;
  if (!zc_grow(skb, -(__s32)trim) || !zc_grow(skb, trim + room) ||
      bpf_skb_store_bytes(skb, payload_off + room, kept, keep, BPF_F_RECOMPUTE_CSUM))
    return ZC_VERDICT_no_room;
  return ZC_GO_ON;
}

/* Makes decision->room bytes of room; ZC_GO_ON: they are there. */
static __always_inline enum zc_verdict zc_make_room(struct __sk_buff* skb,
                                                    const struct zc_packet* pkt,
                                                    const struct zc_decision* decision, bool ipv6) {
  const __u32 most = ZC_MOST_ROOM;

  if (decision->room > most) return ZC_VERDICT_no_room; /* zcctl offers no such rule */
  if (zc_is_trimmed(decision->csum_op)) return zc_trim_room(skb, pkt->l4_off, ipv6, decision->room);
  return zc_grow(skb, decision->room) ? ZC_GO_ON : ZC_VERDICT_no_room;
}

#endif /* ZC_EGRESS_ROOM_H */
