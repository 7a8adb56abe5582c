/* SPDX-License-Identifier: GPL-2.0-only */
/* What became of what the kernel was promised last: the first step of the next run, and the last
 * one of a connection. Knows no message. */
#ifndef ZC_MESSAGE_SETTLE_H
#define ZC_MESSAGE_SETTLE_H

#include "kernel.h"
#include "zc/frame.h"

__noinline int zc_settle(struct zc_connection* connection, __u32 write_seq, __u32 pushed_seq) {
  if (!connection) return 0; /* never: for the verifier */
  zc_promise_settle(connection, write_seq, pushed_seq);
  return 0;
}

#endif /* ZC_MESSAGE_SETTLE_H */
