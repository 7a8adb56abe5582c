// SPDX-License-Identifier: GPL-2.0-only
// Runs a system tool (ip, ethtool, tc) and waits for it, ten seconds at most.
#pragma once

#include <string>

#include "base/result.h"

namespace zc::bench {

// `command` is split at blanks: no shell, no quotes. Returns what it printed. Fails with
// kUnsupported where the tool is not installed, with kFailed and its last line where it fails.
Result<std::string> run_tool(const std::string& command);

}  // namespace zc::bench
