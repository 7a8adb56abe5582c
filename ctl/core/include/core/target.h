// SPDX-License-Identifier: GPL-2.0-only
// Targets as an operator names them: "cgroup:PATH". Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace zc::core {

// Stands the word where a device's name may stand, and names a target?
bool names_target(const std::string& word);
// The path, absolute; kUsage.
Result<std::string> parse_cgroup(const std::string& word);

}  // namespace zc::core
