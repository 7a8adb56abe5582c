/* SPDX-License-Identifier: GPL-2.0-only */
/* The RTP clock: ticks of a payload's rate out of nanoseconds. Knows no stream and no rule.
 *
 * 64-bit arithmetic only: BPF knows no more, and both sides must come to the same tick. */
#ifndef ZC_CLOCK_H
#define ZC_CLOCK_H

#include "zc/types.h"

/* Clock ticks per nanosecond times 2^64, rounded down: floor(hz * 2^64 / 10^9), for rates below
 * 10^9. In two steps of 32 bits: the first quotient fits 32 bits, and so does the second one, whose
 * dividend is a rest below 10^9. */
ZC_INLINE __u64 zc_ticks_q64(__u32 hz) {
  const __u64 ns_per_second = 1000000000;
  const __u64 shifted = (__u64)hz << 32;
  const __u64 high = shifted / ns_per_second, rest = shifted % ns_per_second;

  return high << 32 | (rest << 32) / ns_per_second;
}

/* Bits 64..95 of ns * ticks_q64: the RTP clock at `ns`, modulo 2^32. One multiplication in four
 * parts instead of a division, and no drift: the error stays below one tick for ever. */
ZC_INLINE __u32 zc_ticks(__u64 ns, __u64 ticks_q64) {
  __u64 ns_low = (__u32)ns, ns_high = ns >> 32;
  __u64 q_low = (__u32)ticks_q64, q_high = ticks_q64 >> 32;
  __u64 middle = ns_high * q_low + (ns_low * q_low >> 32);
  __u64 other = ns_low * q_high + (__u32)middle;

  return (__u32)(ns_high * q_high + (middle >> 32) + (other >> 32));
}

/* Ticks, modulo 2^32, where what the clock follows stands at `position`: `whole` for each unit, and
 * part_q64 / 2^64 of one. */
ZC_INLINE __u32 zc_ticks_at(__u64 position, __u32 whole, __u64 part_q64) {
  return (__u32)position * whole + zc_ticks(position, part_q64);
}

#endif /* ZC_CLOCK_H */
