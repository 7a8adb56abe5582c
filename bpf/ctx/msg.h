/* SPDX-License-Identifier: GPL-2.0-only */
/* A message as a program at a socket has it, a struct sk_msg_md: what the kernel knows of it, and
 * of its socket, and sk_msg_md does not tell. Knows no frame. */
#ifndef ZC_CTX_MSG_H
#define ZC_CTX_MSG_H

#include "kernel.h"

/* Linux 6.2. */
extern void* bpf_cast_to_kern_ctx(void* msg) __ksym __weak;

#define ZC_MSG_ENTRIES 17 /* MAX_MSG_FRAGS, at least: include/linux/skmsg.h */

/* Of a message that was just made: whether the call had to stop there. sk_msg_alloc takes a new
 * page for what there is more to say, and then finds that no entry is left for it. */
static __always_inline bool zc_msg_is_full(struct sk_msg_md* ctx) {
  const struct sk_msg* msg = bpf_cast_to_kern_ctx(ctx);
  const struct page_frag* page = &bpf_get_current_task_btf()->task_frag;

  return msg->sg.end - msg->sg.start >= ZC_MSG_ENTRIES && !page->offset;
}

/* Whether another protocol of the kernel's is between the application and TCP: of a socket in a
 * sockmap that is kTLS. The kernel takes none into a sockmap that has one (sk_psock_init); espintcp
 * and smc refuse a socket that is in one, or connected, and MPTCP has its own from the beginning.
 * The program is shown what kTLS is to encrypt, and what it redirects leaves unencrypted
 * (bpf_exec_tx_verdict in net/tls/tls_sw.c; Linux 7.2 and 6.12.111 take no keys of such a socket).
 * Before there are keys, too: what comes then is TLS's handshake, which no frame may tear. */
static __always_inline bool zc_has_upper_layer(const struct tcp_sock* tp) {
  return tp->inet_conn.icsk_ulp_ops;
}

#endif /* ZC_CTX_MSG_H */
