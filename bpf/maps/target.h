/* SPDX-License-Identifier: GPL-2.0-only */
/* zcctl's own: no program reads it. An object has it so that it is made and pinned with the rest.
 */
#ifndef ZC_MAPS_TARGET_H
#define ZC_MAPS_TARGET_H

#include "kernel.h"
#include "zc/abi/target.h"

/* Whose connections these are. Written and read by zcctl only. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct zc_target);
} zc_target SEC(".maps");

#endif /* ZC_MAPS_TARGET_H */
