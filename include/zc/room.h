/* SPDX-License-Identifier: GPL-2.0-only */
/* How long headers are, how much room ours need, and what a trim takes out. Knows rules, no packet:
 * what attach promises and what the program does are one arithmetic. */
#ifndef ZC_ROOM_H
#define ZC_ROOM_H

#include "zc/abi/rule.h"
#include "zc/wire/rtp.h"

#define ZC_ETHERNET_BYTES 14u /* IEEE 802.3, without tags */
#define ZC_IPV4_BYTES 20u     /* RFC 791, without options */
#define ZC_IPV6_BYTES 40u     /* RFC 8200, without extension headers */
#define ZC_UDP_BYTES 8u       /* RFC 768 */

/* Bytes of an IP header without options. */
ZC_INLINE __u32 zc_ip_bytes(__u32 family) {
  return family == ZC_IPV4 ? ZC_IPV4_BYTES : ZC_IPV6_BYTES;
}

/* Bytes between the UDP header and the payload of a packet that is stamped. */
ZC_INLINE __u32 zc_room(union zc_how how) {
  __u32 room = (__u32)sizeof(struct zc_rtp_header) + how.payload_header_bytes;

  if (how.checksum == ZC_CHECKSUM_LCO) room += (__u32)sizeof(struct zc_rtp_filler_ext);
  if (how.checksum == ZC_CHECKSUM_UNI) room += (__u32)sizeof(struct zc_rtp_uni_ext);
  return room;
}

/* All headers of such a packet, from the IP header on. */
ZC_INLINE __u32 zc_header_bytes(__u32 family, union zc_how how) {
  return zc_ip_bytes(family) + ZC_UDP_BYTES + zc_room(how);
}

/* A trim takes out all from the IP header to these many bytes of payload: enough that csum_start,
 * which is the UDP header, lies before what is left, and the kernel forgets CHECKSUM_PARTIAL. Tags
 * in the frame have been lifted by then. */
#define ZC_TRIM_PAYLOAD 8u

/* The kernel wants an IP header's worth of bytes behind the link's header after a trim: a payload
 * that has less is padded before, and cut to its length again behind. */
ZC_INLINE __u32 zc_trim_least_payload(__u32 ip_bytes) {
  return ip_bytes + ZC_TRIM_PAYLOAD;
}

#endif /* ZC_ROOM_H */
