// SPDX-License-Identifier: GPL-2.0-only
// Header extensions with one-byte headers, from RFC 8285 4.2. Knows nothing of who wrote them.
#pragma once

#include <cstdint>
#include <vector>

#include "support/packet.h"

namespace zc::test {

struct ExtensionElement {
  uint8_t id = 0;  // 1 to 14
  Bytes data;      // 1 to 16 bytes
};

struct OneByteExtension {
  Problems problems;
  std::vector<ExtensionElement> elements;
  size_t padding_bytes = 0;
};

OneByteExtension dissect_one_byte_extension(const RtpExtension& extension);

}  // namespace zc::test
