// SPDX-License-Identifier: GPL-2.0-only
// The qdisc of the pace device, by rtnetlink: fq, or HTB with a class for each rule. Knows no
// program and no pins.
#pragma once

#include <cstdint>
#include <string>

#include "api/pace.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::kern {

// Makes the root qdisc of a link: fq that sends each packet at its skb->tstamp, whatever is in the
// future, and drops nothing that a socket may have under way. kUnsupported where the kernel has
// none.
Status add_pace_fq(uint32_t ifindex);
// Likewise HTB, without a class. It counts payload, not frames.
Status add_pace_htb(uint32_t ifindex);

// Makes or changes the class of a rule.
Status set_pace_class(uint32_t ifindex, uint32_t rule_id, uint64_t rate_bps, uint32_t family);
// What waits in it is dropped.
Status remove_pace_class(uint32_t ifindex, uint32_t rule_id);

// Fills in kind, backlog and classes of `queue`, whose ifindex is set.
Status read_pace_qdisc(api::PaceQueue& queue);

}  // namespace zc::kern
