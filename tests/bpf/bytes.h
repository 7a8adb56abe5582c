// SPDX-License-Identifier: GPL-2.0-only
// Bytes as tests write and read them. Knows no format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zc::test {

using Bytes = std::vector<uint8_t>;

// "0102ff", spaces allowed.
inline Bytes from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  Bytes bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    if (high >= 0) bytes.push_back(static_cast<uint8_t>(high << 4 | digit(c)));
    high = high >= 0 ? -1 : digit(c);
  }
  return bytes;
}

inline std::string to_hex(const Bytes& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// `count` bytes that are all different from their neighbours.
inline Bytes pattern(size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; i++)
    bytes[i] = static_cast<uint8_t>(i * 7 + 1);
  return bytes;
}

inline uint32_t read_be(const uint8_t* bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; i++)
    value = value << 8 | bytes[i];
  return value;
}

}  // namespace zc::test
