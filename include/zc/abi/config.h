/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program is told before it is loaded. */
#ifndef ZC_ABI_CONFIG_H
#define ZC_ABI_CONFIG_H

#include "zc/types.h"

/* The program's read-only data, set before it is loaded. */
struct zc_config {
  __u32 l2_bytes;     /* ZC_ETHERNET_BYTES; 0: the device carries bare IP */
  __u32 kern_ctx;     /* the kernel has bpf_cast_to_kern_ctx (6.2) */
  __u32 stream_slots; /* entries of zc_slots */
};

#endif /* ZC_ABI_CONFIG_H */
