// SPDX-License-Identifier: GPL-2.0-only
// The queueing disciplines of a device, and what they have dropped (`tc -s qdisc`).
#pragma once

#include <cstdint>
#include <vector>

#include "api/path.h"
#include "base/result.h"

namespace zc::kern {

// Without those of the ingress side. Empty where there are none.
Result<std::vector<api::Queue>> find_queues(uint32_t ifindex);

}  // namespace zc::kern
