/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose a packet is: from its flow to a stream, or to a rule. Knows no bytes. */
#ifndef ZC_EGRESS_MATCH_H
#define ZC_EGRESS_MATCH_H

#include "egress/fragment.h"
#include "egress/parse.h"
#include "rtp/rule.h"
#include "rtp/stream.h"

/* The id of the packet's rule, ZC_NO_RULE where none wants it; `*slot` is its stream's, ZC_NO_SLOT
 * where it has none yet. */
static __always_inline __u32 zc_find_rule(const struct zc_packet* pkt, __u32* slot) {
  *slot = ZC_NO_SLOT;
  if (pkt->later_fragment) return zc_fragment_rule(pkt);
  if (!zc_may_match(&pkt->flow)) return ZC_NO_RULE;
  *slot = zc_slot_find(&pkt->flow);
  struct zc_stream* stream = zc_stream_at(*slot);
  return stream ? stream->rule : zc_rule_find(&pkt->flow);
}

#endif /* ZC_EGRESS_MATCH_H */
