// SPDX-License-Identifier: GPL-2.0-only
// How what waits for --rate reads, as text and as JSON. Knows no rule's options.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

#include "core/commands.h"

namespace zc::out {

// Of a device, behind its stage: ", queue zcpace2 (htb)"; empty where none is wanted.
std::string queue_text(const core::DeviceStatus& device);
// Of all rules together, where they share one queue: a line, or nothing.
std::string shared_queue_line(const core::DeviceStatus& device);
// Of one of its rules: a line, or nothing.
std::string rule_queue_line(const core::DeviceStatus& device, const api::RuleEntry& entry);

// null where there is none.
nlohmann::ordered_json queue_json(const core::DeviceStatus& device);
nlohmann::ordered_json rule_queue_json(const core::DeviceStatus& device,
                                       const api::RuleEntry& entry);

}  // namespace zc::out
