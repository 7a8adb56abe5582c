/* SPDX-License-Identifier: GPL-2.0-only */
/* RTP as it stands on the wire (RFC 3550 5.1, RFC 8285 4.2). Knows no state and no rules. */
#ifndef ZC_WIRE_RTP_H
#define ZC_WIRE_RTP_H

#include "zc/types.h"

#define ZC_RTP_VERSION_2 0x80 /* V=2, P=0, X=0, CC=0 */
#define ZC_RTP_EXTENSION_BIT 0x10
#define ZC_RTP_MARKER_BIT 0x80 /* in the byte of the payload type */
/* Start below 2^15: an early loss must not look like a wrap (RFC 3550 A.1). */
#define ZC_RTP_SEQ_START_MASK 0x7fff

/* The fixed header, without CSRCs. All fields big-endian. */
struct zc_rtp_header {
  __u8 v_p_x_cc;
  __u8 m_pt;
  __be16 seq;
  __be32 timestamp;
  __be32 ssrc;
};
ZC_STATIC_ASSERT(sizeof(struct zc_rtp_header) == 12, "RFC 3550 5.1");

/* A one-word RFC 8285 extension with one element of three bytes, of which the last two are free
 * for the device: csum_start points at `profile`, csum_offset (6) at `filler`. Receivers skip an
 * element whose ID was not negotiated (RFC 8285 4.1). */
struct zc_rtp_filler_ext {
  __be16 profile; /* 0xBEDE: one-byte elements follow */
  __be16 words;   /* 1 */
  __u8 id_len;    /* ID 14, length - 1 = 2 */
  __u8 zero;
  __be16 filler; /* 0 until the device has stored its sum here */
};
ZC_STATIC_ASSERT(sizeof(struct zc_rtp_filler_ext) == 8, "one word of extension");

/* A three-word one with one element of eleven bytes, of which the program chooses two and the
 * device two: csum_start points eight bytes before the payload, csum_offset (6) at `filler`. */
struct zc_rtp_uni_ext {
  __be16 profile;
  __be16 words; /* 3 */
  __u8 id_len;  /* ID 14, length - 1 = 10 */
  __u8 zero;
  __be16 balance; /* makes the UDP checksum equal to the sum of the pseudo-header */
  __u8 zeros[6];
  __be16 filler; /* 0 until the device has stored its sum here */
};
ZC_STATIC_ASSERT(sizeof(struct zc_rtp_uni_ext) == 16, "three words of extension");

#define ZC_RTP_EXT_ONE_BYTE 0xBEDE
#define ZC_RTP_EXT_ID 14 /* of the one element; what `sdp` declares (a=extmap) */
#define ZC_RTP_EXT_ID_LEN ((ZC_RTP_EXT_ID << 4) | 2)
#define ZC_RTP_UNI_EXT_ID_LEN ((ZC_RTP_EXT_ID << 4) | 10)

#define ZC_RTP_PT_MP2T 33     /* RFC 3551 table 5 */
#define ZC_MPA_HEADER_BYTES 4 /* RFC 2250 3.5: MBZ, fragment offset; both 0 for whole frames */

#endif /* ZC_WIRE_RTP_H */
