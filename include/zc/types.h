/* SPDX-License-Identifier: GPL-2.0-only */
/* What every header here starts from: fixed-width types and what differs between C, C++ and BPF C.
 * Knows nothing else. */
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

/* Small functions that both sides use: never a call in BPF, where each would be verified again. */
#ifdef __bpf__
#define ZC_INLINE static inline __attribute__((always_inline))
#define ZC_GLOBAL __attribute__((noinline))
#else
#define ZC_INLINE static inline
#define ZC_GLOBAL static inline
#endif

#endif /* ZC_TYPES_H */
