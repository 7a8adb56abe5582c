// SPDX-License-Identifier: GPL-2.0-only
// A device's tables as the agent has them: the streams' own memory, and what receivers report.
#pragma once

#include <memory>

#include "api/rtcp.h"
#include "pins.h"

namespace zc::kern {

Result<std::unique_ptr<api::AgentTables>> open_agent_tables(const PinDirectory& pins);

// What receivers report about a device's streams.
Result<std::vector<api::ReceiverStatus>> read_receivers(const PinDirectory& pins);

}  // namespace zc::kern
