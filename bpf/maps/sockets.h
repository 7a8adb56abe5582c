/* SPDX-License-Identifier: GPL-2.0-only */
/* zcctl's own: no program reads it. An object has it so that it is made and pinned with the rest.
 */
#ifndef ZC_MAPS_SOCKETS_H
#define ZC_MAPS_SOCKETS_H

#include "kernel.h"
#include "zc/abi/socket.h"

/* Sockets that were told to segment. Written and read by zcctl only. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, 65536);
  __type(key, struct zc_socket);
  __type(value, struct zc_socket_note);
} zc_sockets SEC(".maps");

#endif /* ZC_MAPS_SOCKETS_H */
