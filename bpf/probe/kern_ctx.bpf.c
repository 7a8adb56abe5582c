// SPDX-License-Identifier: GPL-2.0-only
/* Loads where the kernel has bpf_cast_to_kern_ctx (Linux 6.2). Never attached. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

extern void* bpf_cast_to_kern_ctx(void* skb) __ksym;

SEC("tc")
int zc_probe(struct __sk_buff* ctx) {
  struct sk_buff* skb = bpf_cast_to_kern_ctx(ctx);
  return skb->csum_start;
}
