// SPDX-License-Identifier: GPL-2.0-only
// Rules, streams, counters and findings in JSON: the same of devices and of targets.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/commands.h"

namespace zc::out {

nlohmann::ordered_json text_or_null(const std::string& text);
nlohmann::ordered_json counters_json(const zc_counts& counts);
nlohmann::ordered_json rule_json(const zc_rule& rule);
nlohmann::ordered_json stream_json(const core::StreamStatus& entry);
nlohmann::ordered_json findings_json(const core::Findings& findings);

}  // namespace zc::out
