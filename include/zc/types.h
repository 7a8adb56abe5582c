/* SPDX-License-Identifier: GPL-2.0-only */
/* The fixed-width types of the ABI, for BPF C and for C++ alike. Knows nothing else. */
#ifndef ZC_TYPES_H
#define ZC_TYPES_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#ifdef __cplusplus
#define ZC_STATIC_ASSERT(cond, why) static_assert(cond, why)
#else
#define ZC_STATIC_ASSERT(cond, why) _Static_assert(cond, why)
#endif

#endif /* ZC_TYPES_H */
