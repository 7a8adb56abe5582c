// SPDX-License-Identifier: GPL-2.0-only
#include "support/rtp_extension.h"

namespace zc::test {
namespace {

constexpr uint16_t kOneByteHeaders = 0xBEDE;
constexpr uint8_t kPadding = 0;
constexpr uint8_t kStop = 15;

}  // namespace

OneByteExtension dissect_one_byte_extension(const RtpExtension& extension) {
  OneByteExtension result;
  const auto problem = [&](const char* text) { result.problems.emplace_back(text); };
  if (extension.profile != kOneByteHeaders) problem("the extension is not of one-byte headers");
  const Bytes& data = extension.data;
  for (size_t offset = 0; offset < data.size() && result.problems.empty();) {
    const uint8_t id = data[offset] >> 4;
    const size_t bytes = size_t{1} + (data[offset] & 0x0f);  // "minus one"
    if (data[offset] == kPadding) {
      result.padding_bytes++;
      offset++;
      continue;
    }
    if (id == kPadding) problem("an element with ID 0 and a length");
    if (id == kStop) problem("an element with ID 15: nothing behind it may be read");
    if (offset + 1 + bytes > data.size()) problem("an element longer than the extension");
    if (!result.problems.empty()) break;
    const auto start = data.begin() + static_cast<ptrdiff_t>(offset) + 1;
    result.elements.push_back({id, Bytes(start, start + static_cast<ptrdiff_t>(bytes))});
    offset += 1 + bytes;
  }
  return result;
}

}  // namespace zc::test
