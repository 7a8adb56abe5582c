// SPDX-License-Identifier: GPL-2.0-only
// Which of the checksum ways fits a device. Pure: facts in, answer out (docs/checksums.md).
#pragma once

#include <optional>
#include <string>

#include "api/device.h"
#include "base/address.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::core {

const char* to_string(zc_checksum way);  // "uni"
// One clause: bytes and work of one packet, for people.
const char* cost_of(zc_checksum way);
// "auto" is nullopt, "full" an older name of sum. kUsage for what is no way.
Result<std::optional<zc_checksum>> parse_checksum(const std::string& text);

struct ChecksumChoice {
  zc_checksum way = ZC_CHECKSUM_SUM;
  std::string reason;   // one clause, for `probe`
  std::string warning;  // where the operator asked for what cannot be vouched for; may be empty
};

// `wanted` nullopt: the safe choice, which never fails: never a wrong checksum and never a damaged
// SSRC, also behind NAT. kUnsupported with a hint where what was wanted is known to be wrong.
Result<ChecksumChoice> choose_checksum(const api::Device& device, Family family,
                                       uint8_t payload_header_bytes,
                                       std::optional<zc_checksum> wanted);

}  // namespace zc::core
