/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of a rule's packets. Knows the list of verdicts, not how one is reached. */
#ifndef ZC_ABI_COUNTS_H
#define ZC_ABI_COUNTS_H

#include "zc/types.h"
#include "zc/verdict.h"

/* Value of zc_counts, by rule id: drops, and super-packets on their way. Stamped packets are not
 * counted here: the rule's streams count for themselves, one atomic less per packet, and live as
 * long as the rule. */
struct zc_counts {
  __u64 packets[16]; /* by enum zc_verdict */
};
ZC_STATIC_ASSERT(ZC_VERDICT_COUNT <= 16, "counters fit");

#endif /* ZC_ABI_COUNTS_H */
