/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BPF programs and the control plane share: the layout of every map, one header a topic.
 *
 * Words are in host byte order unless their type says __be. A change of size or meaning raises
 * ZC_ABI_VERSION; pins of an older version whose rules can go on are taken over
 * (ctl/kern/takeover.h), others are refused. */
#ifndef ZC_ABI_H
#define ZC_ABI_H

#include "zc/abi/clock.h"
#include "zc/abi/config.h"
#include "zc/abi/continued.h"
#include "zc/abi/counts.h"
#include "zc/abi/filter.h"
#include "zc/abi/flow.h"
#include "zc/abi/fragment.h"
#include "zc/abi/framing.h"
#include "zc/abi/meta.h"
#include "zc/abi/pace.h"
#include "zc/abi/receiver.h"
#include "zc/abi/rule.h"
#include "zc/abi/socket.h"
#include "zc/abi/stream.h"
#include "zc/abi/super.h"
#include "zc/abi/target.h"

#endif /* ZC_ABI_H */
