/* SPDX-License-Identifier: GPL-2.0-only */
/* The egress program's own: what super-packets leave for their pieces. */
#ifndef ZC_MAPS_SUPERS_H
#define ZC_MAPS_SUPERS_H

#include "kernel.h"
#include "zc/abi/super.h"

/* The notes, by number % ZC_SUPERS. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_SUPERS);
  __type(key, __u32);
  __type(value, struct zc_super);
} zc_supers SEC(".maps");

__u32 zc_next_super; /* the next one's number */

#endif /* ZC_MAPS_SUPERS_H */
