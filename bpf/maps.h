/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of one device. Their values are defined in zc/abi.h; who writes what stands here. */
#ifndef ZC_MAPS_H
#define ZC_MAPS_H

#include "uapi.h"
#include "zc/abi.h"
#include "zc/room.h"

const volatile struct zc_config zc_config = {
    .l2_bytes = ZC_ETHERNET_BYTES,
    .kern_ctx = 1,
    .stream_slots = ZC_DEFAULT_STREAMS * ZC_SLOTS_PER_STREAM,
};

/* Who made these pins, and the stage. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct zc_meta);
} zc_meta SEC(".maps");

/* Destinations that some rule may want. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_filter);
} zc_filter SEC(".maps");

/* What a rule matches → its id. An entry here is what makes a rule exist. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ZC_MAX_RULES);
  __type(key, struct zc_flow);
  __type(value, __u32);
} zc_match SEC(".maps");

/* By rule id. zcctl writes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_MAX_RULES);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_rule);
} zc_rules SEC(".maps");

/* By rule id. The program adds, zcctl reads and clears. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_MAX_RULES);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_counts);
} zc_counts SEC(".maps");

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

/* Sockets that were told to segment. Written and read by zcctl only. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 65536);
  __type(key, struct zc_socket);
  __type(value, struct zc_socket_note);
} zc_sockets SEC(".maps");

/* Datagrams whose first fragment matched a rule. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 4096);
  __type(key, struct zc_fragment);
  __type(value, struct zc_fragment_owner);
} zc_fragments SEC(".maps");

#endif /* ZC_MAPS_H */
