// SPDX-License-Identifier: GPL-2.0-only
#include "support/bytes.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <random>
#include <stdexcept>

namespace zc::test {
namespace {

constexpr size_t kDumpColumns = 16;

uint8_t hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<uint8_t>(digit - '0');
  const char lower = static_cast<char>(digit | 0x20);
  if (lower >= 'a' && lower <= 'f') return static_cast<uint8_t>(lower - 'a' + 10);
  throw std::invalid_argument(std::string("not a hex digit: ") + digit);
}

}  // namespace

uint16_t get_be16(ByteView bytes, size_t offset) {
  return static_cast<uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

uint32_t get_be32(ByteView bytes, size_t offset) {
  return static_cast<uint32_t>(get_be16(bytes, offset)) << 16 | get_be16(bytes, offset + 2);
}

void put_be16(Bytes& bytes, size_t offset, uint16_t value) {
  bytes[offset] = static_cast<uint8_t>(value >> 8);
  bytes[offset + 1] = static_cast<uint8_t>(value);
}

void append_be16(Bytes& bytes, uint16_t value) {
  bytes.push_back(static_cast<uint8_t>(value >> 8));
  bytes.push_back(static_cast<uint8_t>(value));
}

void append(Bytes& bytes, ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

uint16_t ones_complement_add(uint16_t a, uint16_t b) {
  const uint32_t sum = static_cast<uint32_t>(a) + b;
  return static_cast<uint16_t>((sum & 0xffff) + (sum >> 16));
}

uint16_t ones_complement_sum(ByteView bytes, uint16_t start) {
  uint16_t sum = start;
  size_t offset = 0;
  for (; offset + 1 < bytes.size(); offset += 2)
    sum = ones_complement_add(sum, get_be16(bytes, offset));
  if (offset < bytes.size())
    sum = ones_complement_add(sum, static_cast<uint16_t>(bytes[offset] << 8));
  return sum;
}

Bytes from_hex(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](unsigned char c) { return std::isspace(c) == 0; });
  if (digits.size() % 2 != 0) throw std::invalid_argument("half a byte of hex");
  Bytes bytes;
  for (size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(hex_digit(digits[i]) << 4 | hex_digit(digits[i + 1])));
  return bytes;
}

std::string hex_dump(ByteView bytes, size_t limit) {
  std::string text;
  std::array<char, 24> field{};
  const size_t shown = std::min(bytes.size(), limit);
  for (size_t i = 0; i < shown; i++) {
    if (i % kDumpColumns == 0) {
      std::snprintf(field.data(), field.size(), "%s  %04zx:", i == 0 ? "" : "\n", i);
      text += field.data();
    }
    std::snprintf(field.data(), field.size(), " %02x", bytes[i]);
    text += field.data();
  }
  if (shown < bytes.size()) text += "\n  … of " + std::to_string(bytes.size()) + " bytes";
  return text;
}

Bytes random_bytes(size_t count, uint32_t seed) {
  std::mt19937 generator(seed);
  Bytes bytes(count);
  std::generate(bytes.begin(), bytes.end(),
                [&] { return static_cast<uint8_t>(generator() >> 24); });
  return bytes;
}

}  // namespace zc::test
