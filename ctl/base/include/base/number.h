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

// Decimal, with k, M or G behind it for 10^3, 10^6 and 10^9, and a decimal point where one of
// these follows: "8M", "1.5M", "64000". What is no whole number is refused, as above.
Result<uint64_t> parse_scaled(std::string_view text, uint64_t low, uint64_t high,
                              const std::string& name);

// Decimal with up to three digits behind the point, as thousandths: "0.125" is 125. In [low, high]
// thousandths.
Result<uint64_t> parse_thousandths(std::string_view text, uint64_t low, uint64_t high,
                                   const std::string& name);
// The other way: "0.125", "20".
std::string thousandths_text(uint64_t thousandths);

}  // namespace zc
