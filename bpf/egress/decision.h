/* SPDX-License-Identifier: GPL-2.0-only */
/* What one packet becomes. Knows no way to get there. */
#ifndef ZC_EGRESS_DECISION_H
#define ZC_EGRESS_DECISION_H

#include "kernel.h"
#include "rtp/clock.h"
#include "zc/abi/rule.h"

/* What is done about the UDP checksum of one packet. A rule's checksum way (enum zc_checksum) and
 * the state in which the packet comes make it. */
enum zc_csum_op {
  ZC_CSUM_LCO,    /* PARTIAL: the device stores its sum in the filler of our extension */
  ZC_CSUM_UNI,    /* PARTIAL: there, or in the UDP header; both come to the same */
  ZC_CSUM_UPDATE, /* complete: add what we insert (RFC 1624) */
  ZC_CSUM_CLEAR,  /* complete: no checksum any more (RFC 768) */
  ZC_CSUM_TRIM,   /* PARTIAL: trim the packet past csum_start, which ends PARTIAL; then clear */
  ZC_CSUM_SUM,    /* PARTIAL: trim it likewise, then sum everything */
};

/* Made before the first write. Values only, no pointers: the verifier then checks what uses it
 * once, not once per path that leads there. */
struct zc_decision {
  __u16 csum_op;     /* enum zc_csum_op */
  __u16 room;        /* bytes inserted between the UDP header and the payload */
  __u32 payload_sum; /* ZC_CSUM_SUM: one's complement sum of the payload */
  union zc_how how;
  struct zc_timing timing;
};

#endif /* ZC_EGRESS_DECISION_H */
