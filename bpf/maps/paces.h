/* SPDX-License-Identifier: GPL-2.0-only */
/* Streams that are paced: the egress program writes, and the pace device's program. */
#ifndef ZC_MAPS_PACES_H
#define ZC_MAPS_PACES_H

#include "kernel.h"
#include "zc/abi/pace.h"

/* Slot → what waits. Most hosts pace nothing: an entry is made when a packet first waits. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, ZC_DEFAULT_STREAMS* ZC_SLOTS_PER_STREAM); /* or what attach was told */
  __type(key, __u32);
  __type(value, struct zc_waiting);
} zc_paces SEC(".maps");

#endif /* ZC_MAPS_PACES_H */
