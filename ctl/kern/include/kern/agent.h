// SPDX-License-Identifier: GPL-2.0-only
// The agent's side of the real kernel.
#pragma once

#include <memory>

#include "api/rtcp.h"

namespace zc::kern {

// Works in the network namespace that the process is in when start() is called.
std::unique_ptr<api::AgentStarter> make_agent_starter();

}  // namespace zc::kern
