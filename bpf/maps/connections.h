/* SPDX-License-Identifier: GPL-2.0-only */
/* The connections whose streams of bytes are framed: of a target, a cgroup or a process's sockets.
 */
#ifndef ZC_MAPS_CONNECTIONS_H
#define ZC_MAPS_CONNECTIONS_H

#include "kernel.h"
#include "zc/abi/framing.h"
#include "zc/abi/stream.h"

/* Rule id → what its frames look like; beside zc_rules. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ZC_MAX_RULES);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct zc_framing);
} zc_framings SEC(".maps");

/* With each socket: where its stream of bytes is. */
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct zc_connection);
} zc_connections SEC(".maps");

/* Slot → socket: what it sends is shown to the program. A socket that is closed leaves by itself.
 * The slot is the key, for tuples are unique in their network namespace only. */
struct {
  __uint(type, BPF_MAP_TYPE_SOCKHASH);
  __uint(max_entries, ZC_DEFAULT_STREAMS); /* or what attach was told */
  __type(key, __u32);
  __type(value, __u64);
} zc_sockhash SEC(".maps");

/* Slot → whose stream it is. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, ZC_DEFAULT_STREAMS);
  __type(key, __u32);
  __type(value, struct zc_connected);
} zc_connected SEC(".maps");

#endif /* ZC_MAPS_CONNECTIONS_H */
