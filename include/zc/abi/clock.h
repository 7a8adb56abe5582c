/* SPDX-License-Identifier: GPL-2.0-only */
/* What the clock of a stream remembers that follows its PCRs. Knows no transport stream: the
 * arithmetic is in zc/pcr.h. */
#ifndef ZC_ABI_CLOCK_H
#define ZC_ABI_CLOCK_H

#include "zc/types.h"

enum zc_clock_flags {
  ZC_CLOCK_BEGUN = 1 << 0,  /* a PCR was seen, whose PID is followed */
  ZC_CLOCK_LOCKED = 1 << 1, /* two of them, so that the rate is known */
  ZC_CLOCK_STEADY = 1 << 2, /* the newest rates were the same: bytes ahead can be reckoned */
  ZC_CLOCK_FIRST = 1 << 3,  /* the only rate that was seen so far: it may be one of many */
};

/* Value of zc_clocks, by slot. Times are RTP ticks times 2^32, modulo 2^64: neither the wrap of a
 * PCR (33 bits) nor that of RTP's timestamp needs a special case. */
struct zc_clock {
  __u64 at_q32;   /* the stream's RTP time at `at_byte` */
  __u64 at_byte;  /* payload octets of the stream before the byte that the newest PCR times; before
                   * one was seen, before the first byte that was looked at */
  __u64 pcr_q32;  /* that PCR */
  __u64 step_q32; /* ticks an octet; 0: not known yet */
  __u64 gap_q32;  /* ticks from one PCR to the next, as they come */
  __u32 blind;    /* octets behind `at_byte` in which no PCR is looked for */
  __u32 others;   /* PCRs of other PIDs since the newest of this one */
  __u32 busy;     /* 1: a CPU is at it */
  __u16 pid;
  __u8 flags;  /* enum zc_clock_flags */
  __u8 steady; /* PCRs in a row that said the same rate, up to 255 */
};
ZC_STATIC_ASSERT(sizeof(struct zc_clock) == 56, "no hidden padding");

#endif /* ZC_ABI_CLOCK_H */
