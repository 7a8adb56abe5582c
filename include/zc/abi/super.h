/* SPDX-License-Identifier: GPL-2.0-only */
/* How a super-packet, its stage and its pieces know each other. Knows no headers. */
#ifndef ZC_ABI_SUPER_H
#define ZC_ABI_SUPER_H

#include "zc/abi/stream.h"

/* A piece of a super-packet that already has its room: skb->mark between stage and egress. The
 * other 24 bits are its stream's slot (docs/stage.md). */
#define ZC_PIECE_MARK 0x7a000000u
#define ZC_PIECE_MARK_MASK 0xff000000u
ZC_STATIC_ASSERT(ZC_MAX_STREAMS* ZC_SLOTS_PER_STREAM <= ~ZC_PIECE_MARK_MASK, "slots fit the mark");

/* What is as long is cut by the stage for its length; what is shorter, for its number of pieces.
 * The smallest value that every kernel takes as gso_max_size is a little above 300: MAX_TCP_HEADER
 * (include/net/tcp.h). */
#define ZC_STAGE_CUT_BYTES 400u

#endif /* ZC_ABI_SUPER_H */
