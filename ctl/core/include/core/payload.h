// SPDX-License-Identifier: GPL-2.0-only
// Payload formats whose bytes can be sent as they stand, by name and by payload type (RFC 3551 and
// the RFCs of each), and why the others cannot. Knows no rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "zc/abi.h"

namespace zc::core {

// "audio", "video"; empty for ZC_MEDIA_UNKNOWN.
std::string_view to_string(zc_media media);

struct PayloadFormat {
  std::string name;          // what a rule keeps: "MP2T", "L16/44100/2"; "opus/48000/2" if dynamic
  uint8_t payload_type = 0;  // static type (RFC 3551 6), or kDynamicType
  bool dynamic = false;      // the type is the operator's choice
  uint32_t clock_hz = 0;     // RTP clock, not the sampling rate: they differ for G722
  std::string encoding;      // a=rtpmap's encoding name
  uint32_t channels = 0;     // 0: not audio
  uint8_t header_bytes = 0;  // zeros between RTP header and payload: MPA, RFC 2250 3.5
  // Each packet's timestamp is the time of its own first sample (RFC 3551 4.1, RFC 2250 3.5), so
  // that packets which leave in one call need different ones; MP2T's is the time of leaving.
  bool own_time = false;
  // The smallest piece that must not be cut, of all channels, and the ticks that it lasts; 0: the
  // length of a packet in bytes does not say how long it lasts.
  uint32_t frame_bytes = 0, frame_ticks = 0;
  zc_media media = ZC_MEDIA_UNKNOWN;
};

// The first of the dynamic types, RFC 3551 6: what ffmpeg and GStreamer begin with.
constexpr uint8_t kDynamicType = 96;

// "L16/48000/2", as a=rtpmap has it (RFC 8866 6.6).
struct Encoding {
  std::string name;
  std::optional<uint32_t> clock_hz, channels;
};
// NAME, NAME/CLOCK or NAME/CLOCK/CHANNELS; kUsage, and `option` is what the error calls it.
Result<Encoding> parse_encoding(const std::string& text, const std::string& option);
// "opus/48000/2"; one channel is left out, RFC 8866 6.6.
std::string encoding_text(const std::string& name, uint32_t clock_hz, uint32_t channels);

// `--payload`: a name of RFC 3551 with a static type, or NAME/CLOCK/CHANNELS of a dynamic one that
// is known, any case. kUsage, with the reason for what cannot be sent, and the known names.
Result<PayloadFormat> find_payload(const std::string& name);
// `--encoding`: as find_payload, always a dynamic type, and also what is not known, if it says its
// clock. kUsage for what is known not to work.
Result<PayloadFormat> dynamic_payload(const std::string& encoding);
// The format whose static type and clock these are.
std::optional<PayloadFormat> find_payload(uint8_t payload_type, uint32_t clock_hz);
// 0..127 without 72..76, which receivers take for RTCP (RFC 3551 6, RFC 5761 4).
Result<uint8_t> parse_payload_type(const std::string& text);

}  // namespace zc::core
