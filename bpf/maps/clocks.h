/* SPDX-License-Identifier: GPL-2.0-only */
/* What streams remember whose clock follows their PCRs. */
#ifndef ZC_MAPS_CLOCKS_H
#define ZC_MAPS_CLOCKS_H

#include "kernel.h"
#include "zc/abi/clock.h"
#include "zc/abi/stream.h"

/* By slot, beside zc_slots: a stream whose clock follows anything else never touches it. The
 * program writes; zcctl clears the flags where a rule gets another clock. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_DEFAULT_STREAMS* ZC_SLOTS_PER_STREAM); /* as many as zc_slots */
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_clock);
} zc_clocks SEC(".maps");

#endif /* ZC_MAPS_CLOCKS_H */
