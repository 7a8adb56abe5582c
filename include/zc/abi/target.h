/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose connections a set of pins is for, as it was named when they were made. No program reads
 * it. */
#ifndef ZC_ABI_TARGET_H
#define ZC_ABI_TARGET_H

#include "zc/types.h"

enum zc_target_kind {
  ZC_TARGET_CGROUP = 1, /* those that come in a cgroup, and in those below it */
  ZC_TARGET_SOCKETS,    /* living ones of processes, named one by one */
};

/* The only value of zc_target. */
struct zc_target {
  __u32 kind; /* enum zc_target_kind */
  __u32 zero;
  __u64 id;        /* of the cgroup; or the cookie of the sockets' network namespace */
  char path[4080]; /* of the cgroup; NUL-terminated */
};
ZC_STATIC_ASSERT(sizeof(struct zc_target) == 4096, "no hidden padding");

#endif /* ZC_ABI_TARGET_H */
