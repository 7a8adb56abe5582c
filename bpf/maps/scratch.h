/* SPDX-License-Identifier: GPL-2.0-only */
/* The egress program's own: bytes of the packet that is being looked at. */
#ifndef ZC_MAPS_SCRATCH_H
#define ZC_MAPS_SCRATCH_H

#include "kernel.h"
#include "zc/pcr.h"

#define ZC_SCRATCH_BYTES 4096 /* a power of two */

struct zc_scratch {
  __u8 bytes[ZC_SCRATCH_BYTES + 4]; /* a last word may reach beyond */
  __u32 zero;
  struct zc_clock_place place; /* here for want of stack */
};

/* One of each CPU: the hook runs with bottom halves off, so nobody else's packet comes between. */
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct zc_scratch);
} zc_scratch SEC(".maps");

#endif /* ZC_MAPS_SCRATCH_H */
