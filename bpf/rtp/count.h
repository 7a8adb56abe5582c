/* SPDX-License-Identifier: GPL-2.0-only */
/* Counting verdicts, once per packet, at the end of its way. */
#ifndef ZC_RTP_COUNT_H
#define ZC_RTP_COUNT_H

#include "maps/rules.h"

/* Counts one packet of the rule; not a stamped one, which its stream has counted (next_seq). */
static __always_inline void zc_count(__u32 rule_id, enum zc_verdict verdict) {
  struct zc_counts* counts = bpf_map_lookup_elem(&zc_counts, &rule_id);
  if (counts && verdict < ZC_VERDICT_COUNT) __sync_fetch_and_add(&counts->packets[verdict], 1);
}

#endif /* ZC_RTP_COUNT_H */
