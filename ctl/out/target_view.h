// SPDX-License-Identifier: GPL-2.0-only
// How targets read, for both views; beside their devices.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/target_commands.h"
#include "out/view.h"

namespace zc::out {

std::string target_text(const core::TargetStatus& target, Streams streams);
std::string pins_text(const api::PinnedTarget& pins);
// The rules that went with pins, or are about to, as they can be attached again.
std::string lost_lines(const core::TargetTrouble& trouble);

nlohmann::ordered_json framed_rule_json(const api::FramedRule& rule);
nlohmann::ordered_json target_json(const core::TargetStatus& target);
nlohmann::ordered_json pins_json(const api::PinnedTarget& pins);
nlohmann::ordered_json trouble_json(const core::TargetTrouble& trouble);

}  // namespace zc::out
