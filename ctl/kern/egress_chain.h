// SPDX-License-Identifier: GPL-2.0-only
// All that hangs at a device's egress, whoever hung it there.
#pragma once

#include <cstdint>
#include <vector>

#include "api/hook.h"
#include "base/result.h"

namespace zc::kern {

// In the order in which a packet meets them: tcx first, then clsact. `ours` are ids of programs.
// Filters for protocols that no rule can match are left out. Names of programs need CAP_SYS_ADMIN.
Result<std::vector<api::HookEntry>> egress_chain(uint32_t ifindex,
                                                 const std::vector<uint32_t>& ours);

}  // namespace zc::kern
