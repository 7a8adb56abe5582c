// SPDX-License-Identifier: GPL-2.0-only
// Numbers as an operator writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zc {

// Decimal or 0x hexadecimal, nothing around it, in [low, high]. `name` is what the error calls
// it, e.g. "--seq". Fails with kUsage.
Result<uint64_t> parse_number(std::string_view text, uint64_t low, uint64_t high,
                              const std::string& name);

}  // namespace zc
