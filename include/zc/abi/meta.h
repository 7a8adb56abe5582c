/* SPDX-License-Identifier: GPL-2.0-only */
/* Who made a device's pins, and in which version of this ABI. */
#ifndef ZC_ABI_META_H
#define ZC_ABI_META_H

#include "zc/types.h"

#define ZC_ABI_MAGIC 0x7a636374u /* "zcct" */
#define ZC_ABI_VERSION 4u

enum zc_hook { ZC_HOOK_TCX = 1, ZC_HOOK_CLSACT = 2 };

/* The only value of zc_meta: who made these pins, for what, and the stage. `magic` and `version`
 * keep their place in every version. */
struct zc_meta {
  __u32 magic;
  __u32 version;
  __u64 netns_cookie;
  __u32 ifindex;
  __u32 hook;        /* enum zc_hook */
  __u32 clsact_ours; /* zcctl made the clsact qdisc and removes it when it is empty */
  __u32 stage;       /* ifindex of the stage, which the program reads; 0: none */
  __u32 max_streams;
  __u32 pad;
  char dev[16]; /* the device's name when the rule was made; it may have been renamed */
};
ZC_STATIC_ASSERT(sizeof(struct zc_meta) == 56, "no hidden padding");

#endif /* ZC_ABI_META_H */
