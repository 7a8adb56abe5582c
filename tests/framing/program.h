/* SPDX-License-Identifier: GPL-2.0-only */
/* The program at a socket (bpf/message), compiled for user space. */
#ifndef ZC_TESTS_FRAMING_PROGRAM_H
#define ZC_TESTS_FRAMING_PROGRAM_H

#include "kernel.h"
#include "zc/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One look at a message. Returns enum sk_action. */
int zc_program_run(struct sk_msg_md* msg, struct zc_connection* connection,
                   const struct tcp_sock* tp);

/* The one stream that there is: whatever the slot. */
struct zc_stream* zc_program_stream(void);

/* Messages that the program gave up (verdict `broken`) since it began. */
__u64 zc_program_broken(void);

#ifdef __cplusplus
}
#endif

#endif /* ZC_TESTS_FRAMING_PROGRAM_H */
