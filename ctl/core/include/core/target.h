// SPDX-License-Identifier: GPL-2.0-only
// Targets as an operator names them: "cgroup:PATH", "pid:PID[:FD]" for attach, and what became of
// the latter, "sockets:COOKIE". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace zc::core {

// Stands the word where a device's name may stand, and names a target?
bool names_target(const std::string& word);
bool names_process(const std::string& word);  // "pid:…": of attach alone
bool names_sockets(const std::string& word);  // "sockets:…"

struct ProcessName {
  uint32_t pid = 0;
  std::optional<uint32_t> fd{};
};
Result<ProcessName> parse_process(const std::string& word);  // kUsage
// The cookie of the sockets' network namespace; kUsage.
Result<uint64_t> parse_sockets(const std::string& word);
// The path, absolute; kUsage.
Result<std::string> parse_cgroup(const std::string& word);

}  // namespace zc::core
