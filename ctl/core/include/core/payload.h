// SPDX-License-Identifier: GPL-2.0-only
// Payload formats whose bytes can be sent as they stand: name, payload type and clock (RFC 3551).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zc::core {

struct PayloadFormat {
  std::string_view name;      // as RFC 3551 and SDP write it, with rate and channels where needed
  uint8_t payload_type = 0;   // static type, RFC 3551 6
  uint32_t clock_hz = 0;      // RTP clock, not the sampling rate: they differ for G722
  std::string_view encoding;  // a=rtpmap's encoding name
  uint8_t channels = 0;       // 0: not audio
  uint8_t header_bytes = 0;   // zeros between RTP header and payload: MPA, RFC 2250 3.5

  // Each packet's timestamp is the time of its own first sample (RFC 3551 4.1, RFC 2250 3.5), so
  // that packets which leave in one call need different ones; MP2T's is the time of leaving.
  bool own_time = true;

  std::string_view media() const { return channels == 0 ? "video" : "audio"; }  // SDP m=
};

// Exact name, any case. kUsage, with the known names as hint.
Result<const PayloadFormat*> find_payload(std::string_view name);
// The format whose static type and clock these are; nullptr where there is none.
const PayloadFormat* find_payload(uint8_t payload_type, uint32_t clock_hz);
// 0..127 without 72..76, which receivers take for RTCP (RFC 3551 6, RFC 5761 4).
Result<uint8_t> parse_payload_type(const std::string& text);

}  // namespace zc::core
