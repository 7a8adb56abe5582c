/* SPDX-License-Identifier: GPL-2.0-only */
/* What zcctl notes of a socket that it changed (`--pid`). The programs know nothing of it. */
#ifndef ZC_ABI_SOCKET_H
#define ZC_ABI_SOCKET_H

#include "zc/types.h"

/* Key of zc_sockets: a socket whose UDP_SEGMENT was set from outside. */
struct zc_socket {
  __u64 cookie; /* SO_COOKIE: unique until the next boot */
};

/* Its value: where to find the socket again, and what to put back. */
struct zc_socket_note {
  __u64 inode; /* as in /proc/PID/fd: "socket:[inode]" */
  __u32 rule;
  __u32 pid;
  __u16 old_segment;  /* its UDP_SEGMENT before */
  __u16 new_segment;  /* what zcctl sets; another value by now is the app's own, */
  __u16 last_segment; /* but for what zcctl had set before: it may have died in between */
  __u16 pad;
};
ZC_STATIC_ASSERT(sizeof(struct zc_socket_note) == 24, "no hidden padding");

#endif /* ZC_ABI_SOCKET_H */
