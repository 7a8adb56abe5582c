/* SPDX-License-Identifier: GPL-2.0-only */
/* What the pins of a device are. */
#ifndef ZC_MAPS_META_H
#define ZC_MAPS_META_H

#include "kernel.h"
#include "zc/abi/meta.h"

/* Who made these pins, and the stage. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct zc_meta);
} zc_meta SEC(".maps");

#endif /* ZC_MAPS_META_H */
