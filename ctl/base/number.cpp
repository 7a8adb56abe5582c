// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"

#include <charconv>
#include <optional>

namespace zc {
namespace {

std::optional<uint64_t> whole_number(std::string_view digits) {
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, value);
  if (failure != std::errc{} || stop != end) return {};
  return value;
}

// What stands in front of the point and behind it, in units of 1/scale; `scale` is a power of ten.
std::optional<uint64_t> fixed_point(std::string_view text, uint64_t scale) {
  const size_t point = text.find('.');
  const auto whole = whole_number(text.substr(0, point));
  if (!whole || *whole > UINT64_MAX / scale) return {};
  uint64_t value = *whole * scale;
  if (point == std::string_view::npos) return value;
  const std::string_view behind = text.substr(point + 1);
  const auto rest = whole_number(behind);
  if (!rest) return {};
  uint64_t unit = scale;
  for (size_t i = 0; i < behind.size(); i++) {
    if (unit % 10 != 0) return {};  // finer than 1/scale
    unit /= 10;
  }
  if (*rest * unit > UINT64_MAX - value) return {};
  return value + *rest * unit;
}

uint64_t scale_of(char suffix) {
  switch (suffix) {
    case 'k':
    case 'K':
      return 1'000;
    case 'M':
      return 1'000'000;
    case 'G':
      return 1'000'000'000;
    default:
      return 1;
  }
}

}  // namespace

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

Result<uint64_t> parse_scaled(std::string_view text, uint64_t low, uint64_t high,
                              const std::string& name) {
  const uint64_t scale = text.empty() ? 1 : scale_of(text.back());
  const auto value = fixed_point(scale == 1 ? text : text.substr(0, text.size() - 1), scale);
  if (value && *value >= low && *value <= high) return *value;
  return usage_error(name + " takes a number from " + std::to_string(low) + " to " +
                         std::to_string(high) + ", not '" + std::string(text) + "'",
                     "k, M and G stand for 10^3, 10^6 and 10^9: 8M, 1.5M");
}

Result<uint64_t> parse_thousandths(std::string_view text, uint64_t low, uint64_t high,
                                   const std::string& name) {
  const auto value = fixed_point(text, 1000);
  if (value && *value >= low && *value <= high) return *value;
  return usage_error(name + " takes a number from " + thousandths_text(low) + " to " +
                     thousandths_text(high) + " with up to three digits behind the point, not '" +
                     std::string(text) + "'");
}

std::string thousandths_text(uint64_t thousandths) {
  std::string text = std::to_string(thousandths / 1000);
  const uint64_t rest = thousandths % 1000;
  if (rest == 0) return text;
  std::string digits = std::to_string(1000 + rest).substr(1);
  while (digits.back() == '0')
    digits.pop_back();
  return text + "." + digits;
}

}  // namespace zc
