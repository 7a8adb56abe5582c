/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for bpf/kernel.h, so that the program at a socket is compiled for user space: the
 * helpers are those of a model (model.h). Knows nothing of ours. */
#ifndef ZC_KERNEL_H
#define ZC_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

/* Names of libbpf's and the kernel's:
 * NOLINTBEGIN(bugprone-reserved-identifier,bugprone-macro-parentheses) */
#define SEC(name)
#define __uint(name, value) int(*name)[value]
#define __type(name, type) type* name
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define __ksym
#define __weak
/* NOLINTEND(bugprone-reserved-identifier,bugprone-macro-parentheses) */

/* What the program reads of the kernel's own structs. */
struct inet_connection_sock {
  const void* icsk_ulp_ops;
};
struct tcp_sock {
  struct inet_connection_sock inet_conn;
  __u32 write_seq, pushed_seq, max_window;
};
struct sk_msg_sg {
  __u32 start, end;
};
struct sk_msg {
  struct sk_msg_sg sg;
};
struct page_frag {
  __u32 offset, size;
};
struct task_struct {
  struct page_frag task_frag;
};

#ifdef __cplusplus
extern "C" {
#endif

void* bpf_map_lookup_elem(void* map, const void* key);
long bpf_map_update_elem(void* map, const void* key, const void* value, __u64 flags);
__u64 bpf_ktime_get_ns(void);
__u32 bpf_get_prandom_u32(void);
struct task_struct* bpf_get_current_task_btf(void);
long bpf_msg_push_data(struct sk_msg_md* msg, __u32 start, __u32 bytes, __u64 flags);
long bpf_msg_pop_data(struct sk_msg_md* msg, __u32 start, __u32 bytes, __u64 flags);
long bpf_msg_pull_data(struct sk_msg_md* msg, __u32 start, __u32 end, __u64 flags);
long bpf_msg_apply_bytes(struct sk_msg_md* msg, __u32 bytes);
long bpf_msg_redirect_hash(struct sk_msg_md* msg, void* map, void* key, __u64 flags);

#ifdef __cplusplus
}
#endif

#endif /* ZC_KERNEL_H */
