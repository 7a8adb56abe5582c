// SPDX-License-Identifier: GPL-2.0-only
// What must hold of the RTCP parser for any bytes. Reads them once more, in its own way; knows
// nothing of how the parser does it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/rtcp/packet.h"

namespace zc::test {

// Empty, or what does not hold.
inline std::string rtcp_complaint(std::span<const uint8_t> bytes) {
  using core::rtcp::Flaw;
  static core::rtcp::Compound compound;
  if (core::rtcp::parse(bytes, compound) != Flaw::kNone) return "";
  size_t packets = 0, blocks = 0, byes = 0, others = 0;
  for (size_t at = 0; at < bytes.size(); packets++) {
    if (bytes.size() - at < 4) return "the last packet has no header";
    const size_t length = 4 * (bytes[at + 2] * 256U + bytes[at + 3] + 1U);
    const uint8_t type = bytes[at + 1], count = bytes[at] & 31;
    if (bytes[at] >> 6 != 2) return "a version that is not 2";
    if (type < 192 || type > 223) return "a type that is not RTCP's";
    if (length > bytes.size() - at) return "a packet leaves the datagram";
    if ((bytes[at] & 32) && at + length != bytes.size()) return "padding before the last packet";
    if (type == 200 || type == 201) {
      if (length < (type == 200 ? 28U : 8U) + 24U * count) return "a report is cut off";
      blocks += count;
    }
    if (type == 203) byes += count;
    others += type < 200 || type > 203 ? 1 : 0;
    at += length;
  }
  if (packets == 0) return "nothing is no packet";
  if (compound.blocks.size() != blocks) return "another number of report blocks";
  if (compound.byes.size() != byes) return "another number of sources in BYE";
  if (compound.unknown != others) return "another number of unknown packets";
  for (const auto& block : compound.blocks)
    if (block.cumulative < -0x800000 || block.cumulative > 0x7fffff)
      return "more than 24 bits lost";
  return "";
}

}  // namespace zc::test
