// SPDX-License-Identifier: GPL-2.0-only
// Bytes as tests write, read and print them: big-endian fields, hex, the Internet checksum
// (RFC 1071). Must not know any protocol, nor the project's own headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace zc::test {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

// Callers check the bounds.
uint16_t get_be16(ByteView bytes, size_t offset);
uint32_t get_be32(ByteView bytes, size_t offset);
void put_be16(Bytes& bytes, size_t offset, uint16_t value);
void append_be16(Bytes& bytes, uint16_t value);
void append(Bytes& bytes, ByteView more);

// The one's complement sum of big-endian 16-bit words, folded, not inverted; an odd last byte is
// the high half of a word. `start` is an earlier sum to go on from, made of whole words.
uint16_t ones_complement_sum(ByteView bytes, uint16_t start = 0);
uint16_t ones_complement_add(uint16_t a, uint16_t b);

// "45 00 0020": white space is skipped. Throws std::invalid_argument for anything but hex.
Bytes from_hex(std::string_view text);
// Sixteen bytes per line, at most `limit` bytes.
std::string hex_dump(ByteView bytes, size_t limit = 128);

// The same bytes for the same seed, on every machine.
Bytes random_bytes(size_t count, uint32_t seed);

}  // namespace zc::test
