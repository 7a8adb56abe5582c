/* SPDX-License-Identifier: GPL-2.0-only */
/* Who made a device's pins, and in which version of this ABI. */
#ifndef ZC_ABI_META_H
#define ZC_ABI_META_H

#include "zc/types.h"

#define ZC_ABI_MAGIC 0x7a636374u /* "zcct" */
#define ZC_ABI_VERSION 5u

enum zc_hook { ZC_HOOK_TCX = 1, ZC_HOOK_CLSACT = 2 };

/* What keeps packets back at the pace device. */
enum zc_pace_kind { ZC_PACE_KIND_NONE = 0, ZC_PACE_KIND_FQ, ZC_PACE_KIND_HTB };

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
  __u32 pace;      /* ifindex of the device that keeps packets back; 0: none */
  char dev[16];    /* the device's name when the rule was made; it may have been renamed */
  __u32 pace_kind; /* enum zc_pace_kind */
  __u32 zero;
  char cname[24]; /* of RTCP (RFC 7022 4.2), the same for all devices of a network namespace */
};
ZC_STATIC_ASSERT(sizeof(struct zc_meta) == 88, "no hidden padding");

#endif /* ZC_ABI_META_H */
