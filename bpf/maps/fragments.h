/* SPDX-License-Identifier: GPL-2.0-only */
/* The egress program's own: datagrams in fragments. */
#ifndef ZC_MAPS_FRAGMENTS_H
#define ZC_MAPS_FRAGMENTS_H

#include "kernel.h"
#include "zc/abi/fragment.h"

/* Datagrams whose first fragment matched a rule. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, struct zc_fragment);
  __type(value, struct zc_fragment_owner);
} zc_fragments SEC(".maps");

#endif /* ZC_MAPS_FRAGMENTS_H */
