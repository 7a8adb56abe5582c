/* SPDX-License-Identifier: GPL-2.0-only */
/* What receivers say of a stream. The programs know nothing of it. */
#ifndef ZC_ABI_RECEIVER_H
#define ZC_ABI_RECEIVER_H

#include "zc/types.h"

/* skb->mark of the agent's packets where a rule would take them: they pass as they are. */
#define ZC_RTCP_MARK 0x7e001073u

#define ZC_MAX_RECEIVERS 16384u
#define ZC_NO_ROUND_TRIP (~0u)

/* Key of zc_receivers: who reports about which stream, and from where. */
struct zc_receiver_key {
  __u32 ssrc;        /* of the stream */
  __u32 reporter;    /* the receiver's own SSRC */
  __be32 address[4]; /* of its reports, as in struct zc_flow */
  __u32 family;      /* enum zc_family */
};
ZC_STATIC_ASSERT(sizeof(struct zc_receiver_key) == 28, "hash key without padding");

/* Its value: the newest report (RFC 3550 6.4.1). The agent writes, and forgets who is silent. */
struct zc_receiver {
  __u64 heard_ns;      /* CLOCK_MONOTONIC of the newest report */
  __u64 reports;       /* that came */
  __u32 highest;       /* extended sequence number */
  __s32 lost;          /* all; below 0 with duplicates */
  __u32 jitter_us;     /* by the stream's clock */
  __u32 round_trip_us; /* ZC_NO_ROUND_TRIP: not known */
  __u32 fraction;      /* lost since the report before, in 1/256 */
  __be16 port;         /* of its reports */
  __u16 pad;
};
ZC_STATIC_ASSERT(sizeof(struct zc_receiver) == 40, "no hidden padding");

#endif /* ZC_ABI_RECEIVER_H */
