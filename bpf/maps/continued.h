/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules with one stream for their destination: zcctl makes and removes the entries, the program
 * writes what is in them. */
#ifndef ZC_MAPS_CONTINUED_H
#define ZC_MAPS_CONTINUED_H

#include "kernel.h"
#include "zc/abi/continued.h"
#include "zc/abi/rule.h"

/* Rule id → its one stream. Few rules have an entry. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, ZC_MAX_RULES);
  __type(key, __u32);
  __type(value, struct zc_continued);
} zc_continued SEC(".maps");

#endif /* ZC_MAPS_CONTINUED_H */
