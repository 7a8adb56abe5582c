/* SPDX-License-Identifier: GPL-2.0-only */
/* What the clock of a stream remembers that follows its PCRs. Knows no transport stream: the
 * arithmetic is in zc/pcr.h. */
#ifndef ZC_ABI_CLOCK_H
#define ZC_ABI_CLOCK_H

#include "zc/types.h"

enum zc_clock_flags {
  ZC_CLOCK_BEGUN = 1 << 0,  /* a PCR was seen, whose PID is followed */
  ZC_CLOCK_LOCKED = 1 << 1, /* two of them, so that the rate is known */
  ZC_CLOCK_STEADY = 1 << 2, /* the newest two rates were the same: bytes ahead can be reckoned */
};

/* Value of zc_clocks, by slot. Times are RTP ticks times 2^32, modulo 2^64: neither the wrap of a
 * PCR (33 bits) nor that of RTP's timestamp needs a special case. */
struct zc_clock {
  __u64 at_q32;   /* the stream's RTP time at `at_byte` */
  __u64 pcr_q32;  /* the PCR that said so */
  __u64 at_byte;  /* payload octets of the stream before that PCR's byte */
  __u64 step_q32; /* ticks an octet; 0: not known */
  __u64 gap_q32;  /* between the newest two PCRs */
  __u64 pcr_ns;   /* CLOCK_MONOTONIC when one of the followed PID came */
  __u32 blind;    /* octets behind `at_byte` in which no PCR is looked for */
  __u16 pid;
  __u8 flags; /* enum zc_clock_flags */
  __u8 pad;
  __u32 busy; /* 1: a CPU is at it */
  __u32 zero;
};
ZC_STATIC_ASSERT(sizeof(struct zc_clock) == 64, "one cache line");

#endif /* ZC_ABI_CLOCK_H */
