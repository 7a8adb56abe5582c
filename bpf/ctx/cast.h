/* SPDX-License-Identifier: GPL-2.0-only */
/* An address as a pointer to a kernel's struct, to be read only: the verifier follows it as it does
 * the kernel's own. Knows no context. */
#ifndef ZC_CTX_CAST_H
#define ZC_CTX_CAST_H

#include "kernel.h"

#include <bpf/bpf_core_read.h>

extern void* bpf_rdonly_cast(const void* object, __u32 btf_id) __ksym __weak; /* Linux 6.2 */

#define zc_cast(type, address) \
  ((type*)bpf_rdonly_cast((void*)(address), bpf_core_type_id_kernel(type)))

#endif /* ZC_CTX_CAST_H */
