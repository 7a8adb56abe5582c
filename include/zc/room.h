/* SPDX-License-Identifier: GPL-2.0-only */
/* How long headers are, how much room ours need, and how many bytes a trim takes out. Knows rules,
 * no packet: what attach promises and what the program does are one arithmetic. */
#ifndef ZC_ROOM_H
#define ZC_ROOM_H

#include "zc/abi/rule.h"
#include "zc/wire/rtp.h"

#define ZC_ETHERNET_BYTES 14u /* IEEE 802.3, without tags */
#define ZC_IPV4_BYTES 20u     /* RFC 791, without options */
#define ZC_IPV6_BYTES 40u     /* RFC 8200, without extension headers */
#define ZC_UDP_BYTES 8u       /* RFC 768 */

/* Room of `lco`: for one datagram and for a piece over IPv4, and for a piece over IPv6, where room
 * comes in steps of eight (docs/stage.md). */
#define ZC_ROOM_LCO (sizeof(struct zc_rtp_header) + sizeof(struct zc_rtp_filler_ext))
#define ZC_ROOM_LCO_IPV6_PIECE (sizeof(struct zc_rtp_header) + sizeof(struct zc_rtp_filler_ext2))

/* Bytes of an IP header without options. */
ZC_INLINE __u32 zc_ip_bytes(__u32 family) {
  return family == ZC_IPV4 ? ZC_IPV4_BYTES : ZC_IPV6_BYTES;
}

/* Bytes between the UDP header and the payload of one datagram that is stamped. */
ZC_INLINE __u32 zc_room(union zc_how how) {
  return (__u32)(sizeof(struct zc_rtp_header) + how.payload_header_bytes +
                 (how.checksum == ZC_CHECKSUM_LCO ? sizeof(struct zc_rtp_filler_ext) : 0));
}

/* Room in each packet that a super-packet becomes. */
ZC_INLINE __u32 zc_piece_room(__u32 family, union zc_how how) {
  __u32 room = zc_room(how);
  return family == ZC_IPV6 && room == ZC_ROOM_LCO ? (__u32)ZC_ROOM_LCO_IPV6_PIECE : room;
}

/* All headers of such a packet, from the IP header on. */
ZC_INLINE __u32 zc_piece_header_bytes(__u32 family, union zc_how how) {
  return zc_ip_bytes(family) + ZC_UDP_BYTES + zc_piece_room(family, how);
}

#define ZC_TRIM_BEYOND 2u

/* How many bytes a trim takes out behind the IP header: two more than stand before it, so that
 * csum_start, which is the UDP header, lies before what is left and the kernel forgets
 * CHECKSUM_PARTIAL. Tags in the frame have been lifted by then. */
ZC_INLINE __u32 zc_trim_bytes(__u32 l2_bytes, __u32 ip_bytes) {
  return l2_bytes + ip_bytes + ZC_TRIM_BEYOND;
}

/* How many of them are payload, which must have as many: they are put back behind. */
ZC_INLINE __u32 zc_trim_payload(__u32 l2_bytes, __u32 ip_bytes) {
  return zc_trim_bytes(l2_bytes, ip_bytes) - ZC_UDP_BYTES;
}

#endif /* ZC_ROOM_H */
