/* SPDX-License-Identifier: GPL-2.0-only */
/* RTCP as it stands on the wire (RFC 3550 6). Knows no state. */
#ifndef ZC_WIRE_RTCP_H
#define ZC_WIRE_RTCP_H

#include "zc/types.h"

#define ZC_RTCP_VERSION_2 0x80
#define ZC_RTCP_PADDING_BIT 0x20
#define ZC_RTCP_COUNT_MASK 0x1f /* report blocks, chunks or sources */

enum zc_rtcp_type {
  ZC_RTCP_SR = 200,
  ZC_RTCP_RR = 201,
  ZC_RTCP_SDES = 202,
  ZC_RTCP_BYE = 203,
  /* What may stand in the place of the type, and tells RTCP from RTP on one port (RFC 5761 4). */
  ZC_RTCP_LOWEST = 192,
  ZC_RTCP_HIGHEST = 223,
};

enum zc_rtcp_sdes_item { ZC_RTCP_SDES_END = 0, ZC_RTCP_SDES_CNAME = 1 };

/* Begins each packet of a compound one. All fields big-endian, here and below. */
struct zc_rtcp_header {
  __u8 v_p_count;
  __u8 type;    /* enum zc_rtcp_type */
  __be16 words; /* 32-bit words of the packet, this header not counted */
};
ZC_STATIC_ASSERT(sizeof(struct zc_rtcp_header) == 4, "RFC 3550 6.4.1");

/* What an SR has behind header and SSRC. */
struct zc_rtcp_sender_info {
  __be32 ntp_seconds; /* since 1900, modulo 2^32 */
  __be32 ntp_fraction;
  __be32 rtp; /* of the same instant */
  __be32 packets;
  __be32 octets; /* of payload */
};
ZC_STATIC_ASSERT(sizeof(struct zc_rtcp_sender_info) == 20, "RFC 3550 6.4.1");

struct zc_rtcp_report_block {
  __be32 ssrc;    /* of the stream that it is about */
  __be32 lost;    /* 8 bits: fraction in 1/256 since the last report; 24 bits, signed: all */
  __be32 highest; /* sequence number: 16 bits of cycles, 16 bits of the number */
  __be32 jitter;  /* in the stream's ticks */
  __be32 lsr;     /* middle 32 bits of the last SR's NTP time; 0: none came yet */
  __be32 dlsr;    /* since then, in 1/65536 s */
};
ZC_STATIC_ASSERT(sizeof(struct zc_rtcp_report_block) == 24, "RFC 3550 6.4.1");

#endif /* ZC_WIRE_RTCP_H */
