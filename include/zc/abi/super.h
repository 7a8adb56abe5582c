/* SPDX-License-Identifier: GPL-2.0-only */
/* How a super-packet, its stage and its pieces know each other. Knows no headers. */
#ifndef ZC_ABI_SUPER_H
#define ZC_ABI_SUPER_H

#include "zc/abi/rule.h"

/* A piece of a super-packet: skb->mark between stage and egress. The other 24 bits are its
 * super-packet's number (docs/stage.md). Layout 2 had 0x7a, and a slot. */
#define ZC_PIECE_MARK 0x7b000000u
#define ZC_PIECE_MARK_MASK 0xff000000u

/* Notes in zc_supers. A piece that comes back after so many further super-packets is stamped as an
 * ordinary datagram. */
#define ZC_SUPERS 4096u

/* Value of zc_supers, a ring by the super-packet's number: what its pieces need to know. It is the
 * packet's and not the stream's: several CPUs may send one stream at the same moment, and a qdisc
 * on the stage may hold one super-packet back while the next one is prepared. */
struct zc_super {
  union zc_how how; /* of its rule when it passed: all its pieces are alike */
  __u32 mark;       /* skb->mark of its pieces; 0: nobody's; 1: being written */
  __u32 slot;       /* of its stream */
  __u32 ssrc;       /* of its stream: a slot may be another one's meanwhile */
  __u32 timestamp;  /* RTP's */
  __u32 app_mark;   /* skb->mark as the application set it: the pieces get it back */
  __u32 sign;       /* zc_flow_sign of its flow */
};
ZC_STATIC_ASSERT(sizeof(struct zc_super) == 32, "never in two cache lines");

/* What is as long is cut by the stage for its length; what is shorter, for its number of pieces.
 * The smallest value that every kernel takes as gso_max_size is a little above 300: MAX_TCP_HEADER
 * (include/net/tcp.h). */
#define ZC_STAGE_CUT_BYTES 400u

#endif /* ZC_ABI_SUPER_H */
