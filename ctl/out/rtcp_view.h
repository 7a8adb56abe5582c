// SPDX-License-Identifier: GPL-2.0-only
// How receivers and the agent read, as text and as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/commands.h"

namespace zc::out {

// A line each: those that lose most first, where there are many.
std::string receivers_text(const std::vector<api::ReceiverStatus>& receivers, bool all);
nlohmann::ordered_json receivers_json(const std::vector<api::ReceiverStatus>& receivers);

// One line of what the agent does, and one of what went wrong, if something did. Without an agent:
// a line where rules wait for one.
std::string agent_text(const core::HostStatus& status);
nlohmann::ordered_json agent_json(const core::HostStatus& status);

}  // namespace zc::out
