// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"

#include <charconv>

namespace zc {

Result<uint64_t> parse_number(std::string_view text, uint64_t low, uint64_t high,
                              const std::string& name) {
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  }
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, value, base);
  if (failure != std::errc{} || stop != end || value < low || value > high) {
    return usage_error(name + " takes a number from " + std::to_string(low) + " to " +
                       std::to_string(high) + ", not '" + std::string(text) + "'");
  }
  return value;
}

}  // namespace zc
