/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program was told before it was loaded (zc/abi/config.h). */
#ifndef ZC_CONFIG_H
#define ZC_CONFIG_H

#include "kernel.h"
#include "zc/abi/config.h"
#include "zc/abi/stream.h"
#include "zc/room.h"

const volatile struct zc_config zc_config = {
    .l2_bytes = ZC_ETHERNET_BYTES,
    .kern_ctx = 1,
    .stream_slots = ZC_DEFAULT_STREAMS * ZC_SLOTS_PER_STREAM,
};

#endif /* ZC_CONFIG_H */
