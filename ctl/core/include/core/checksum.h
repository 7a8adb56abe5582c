// SPDX-License-Identifier: GPL-2.0-only
// Which of the three checksum ways fits a device. Pure: facts in, answer out (docs/checksums.md).
#pragma once

#include <optional>
#include <string>

#include "api/device.h"
#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::core {

const char* to_string(zc_checksum way);  // "lco"
// "auto" is nullopt. kUsage for anything but auto, lco, zero, full.
Result<std::optional<zc_checksum>> parse_checksum(const std::string& text);

struct ChecksumChoice {
  zc_checksum way = ZC_CHECKSUM_LCO;
  std::string reason;   // one clause, for `probe`
  std::string warning;  // where the operator asked for what cannot be vouched for; may be empty
};

// `wanted` nullopt: the safe choice. Never a wrong checksum and never a damaged SSRC; kUnsupported
// with a hint where that cannot be promised.
Result<ChecksumChoice> choose_checksum(const api::Device& device, Family family,
                                       uint8_t payload_header_bytes,
                                       std::optional<zc_checksum> wanted);

}  // namespace zc::core
