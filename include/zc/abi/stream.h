/* SPDX-License-Identifier: GPL-2.0-only */
/* An RTP stream as the tables keep it. Knows no packet. */
#ifndef ZC_ABI_STREAM_H
#define ZC_ABI_STREAM_H

#include "zc/types.h"

#define ZC_DEFAULT_STREAMS 65536u /* per device; `attach --max-streams` */
#define ZC_MAX_STREAMS (1u << 22)
/* Slots per stream: a free one is found in a few tries even when the table is full. */
#define ZC_SLOTS_PER_STREAM 2u
#define ZC_NO_SLOT (~0u)

enum zc_slot_state {
  ZC_SLOT_FREE = 0,
  ZC_SLOT_USED = 1,
  ZC_SLOT_LEAVING = 2, /* zcctl is about to free it: for those alone who had found it before */
};

/* Value of zc_slots: one RTP stream. One cache line: every packet of the stream writes it. */
struct zc_stream {
  __u64 next_seq;  /* extended sequence number: the low 16 bits go on the wire */
  __u64 first_seq; /* so packets sent = next_seq - first_seq, RFC 3550 6.4.1 */
  __u64 octets;    /* payload octets sent, RFC 3550 6.4.1: without headers and padding */
  __u64 last_ns;   /* CLOCK_MONOTONIC of the newest packet */
  __u32 last_ts;   /* its RTP timestamp */
  __u32 ts_base;   /* RTP timestamp where what the clock follows is 0 */
  __u32 ssrc;
  __u32 rule;    /* index into zc_rules */
  __u32 state;   /* enum zc_slot_state */
  __u16 epoch;   /* raised where RTP time jumps against CLOCK_MONOTONIC: a new SR is due */
  __u8 ttl;      /* of the packet that made the stream: IPv4 TTL, IPv6 hop limit; 0: not known */
  __u8 tos;      /* likewise: IPv4 TOS, IPv6 traffic class */
  __u64 mapping; /* zc_mapping() of the newest packet: by one store, so that it cannot tear */
};
ZC_STATIC_ASSERT(sizeof(struct zc_stream) == 64, "one cache line");

/* RTP timestamp and time of one packet in one word. The time is in units of 1024 ns, about a
 * microsecond, and its low 32 bits only: 73 minutes, which last_ns extends. */
ZC_INLINE __u64 zc_mapping(__u32 timestamp, __u64 now_ns) {
  return (__u64)timestamp << 32 | (__u32)(now_ns >> 10);
}

#endif /* ZC_ABI_STREAM_H */
