/* SPDX-License-Identifier: GPL-2.0-only */
/* The RTP streams of a device: the program writes, zcctl removes. */
#ifndef ZC_MAPS_STREAMS_H
#define ZC_MAPS_STREAMS_H

#include "kernel.h"
#include "zc/abi/flow.h"
#include "zc/abi/stream.h"

/* Flow → index into zc_slots. The program inserts, zcctl removes. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_DEFAULT_STREAMS); /* or what attach was told */
  __type(key, struct zc_flow);
  __type(value, __u32);
} zc_streams SEC(".maps");

/* The streams themselves. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_DEFAULT_STREAMS* ZC_SLOTS_PER_STREAM); /* twice as many as streams */
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_stream);
} zc_slots SEC(".maps");

#endif /* ZC_MAPS_STREAMS_H */
