/* SPDX-License-Identifier: GPL-2.0-only */
/* The agent's own: no program reads it. An object has it so that it is made and pinned with the
 * rest. */
#ifndef ZC_MAPS_RECEIVERS_H
#define ZC_MAPS_RECEIVERS_H

#include "kernel.h"
#include "zc/abi/receiver.h"

/* What receivers report about streams. Written by the agent only. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, ZC_MAX_RECEIVERS);
  __type(key, struct zc_receiver_key);
  __type(value, struct zc_receiver);
} zc_receivers SEC(".maps");

#endif /* ZC_MAPS_RECEIVERS_H */
