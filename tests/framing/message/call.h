/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands in for bpf/message/call.h: what a call says is what the model was told. */
#ifndef ZC_MESSAGE_CALL_H
#define ZC_MESSAGE_CALL_H

#include "kernel.h"
#include "zc/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

void zc_said_read(struct zc_connection* connection, struct zc_said* said);

#ifdef __cplusplus
}
#endif

#endif /* ZC_MESSAGE_CALL_H */
