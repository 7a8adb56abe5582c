// SPDX-License-Identifier: GPL-2.0-only
#include "core/media_clock.h"

#include "base/number.h"
#include "zc/clock.h"

namespace zc::core {
namespace {

constexpr std::string_view kBytes = "bytes:", kPacket = "packet:";
constexpr uint32_t kPcrClockHz = 90'000;  // RFC 2250 2

// The rest of `numerator` / `denominator` is rounded up, so that a whole number of ticks comes out
// whole: 2^64 units are never sent, so that it never adds up to a tick.
Ticks ratio(uint64_t numerator, uint64_t denominator) {
  const uint64_t rest = numerator % denominator;
  const auto shifted = static_cast<unsigned __int128>(rest) << 64;
  return {static_cast<uint32_t>(numerator / denominator),
          static_cast<uint64_t>((shifted + denominator - 1) / denominator)};
}

Result<MediaClock> parse_bytes(const std::string& bps) {
  constexpr uint64_t kMin = 100, kMax = 1'000'000'000'000;
  return MediaClock{.kind = ZC_TIMESTAMP_BYTES,
                    .bps = ZC_TRY(parse_scaled(bps, kMin, kMax, "--timestamp bytes:BPS"))};
}

Result<MediaClock> parse_packet(const std::string& ticks) {
  // Beyond it a receiver cannot tell forwards from backwards.
  constexpr uint64_t kMax = INT32_MAX;
  return MediaClock{.kind = ZC_TIMESTAMP_PACKET,
                    .packet_ticks = static_cast<uint32_t>(
                        ZC_TRY(parse_number(ticks, 1, kMax, "--timestamp packet:TICKS")))};
}

std::string name_of(const PayloadFormat& format) {
  return format.name.empty() ? "payload type " + std::to_string(format.payload_type) : format.name;
}

Status check_pcr(const PayloadFormat& format) {
  const bool is_named = !format.name.empty();
  if (is_transport_stream(format) || (!is_named && format.clock_hz == kPcrClockHz)) return ok();
  return usage_error(
      "--timestamp pcr: " + name_of(format) +
          (is_named ? " has no PCRs, which MPEG-TS has alone"
                    : " has a clock of " + std::to_string(format.clock_hz) + " Hz, not 90000"),
      is_named ? "leave --timestamp out, and " + name_of(format) + " gets the clock that fits it"
               : "--payload MP2T, or --clock 90000");
}

Status check_samples(const PayloadFormat& format) {
  if (format.frame_bytes != 0) return ok();
  const std::string what = "--timestamp samples: ";
  if (format.name.empty())
    return usage_error(what + "what " + name_of(format) + " is, only its operator knows",
                       "say it, e.g. --encoding L16/48000/2, or give --timestamp bytes:BPS or "
                       "packet:TICKS");
  if (is_transport_stream(format))
    return usage_error(what + "the bytes of MPEG-TS are no samples",
                       "--timestamp pcr, or bytes:BPS where the rate is constant");
  return usage_error(what + name_of(format) + " does not tell by its bytes how long a packet lasts",
                     format.media == ZC_MEDIA_VIDEO
                         ? "--timestamp wall"
                         : "--timestamp packet:TICKS where all packets last as long, at " +
                               std::to_string(format.clock_hz) + " ticks a second (20 ms: " +
                               std::to_string(format.clock_hz / 50) + "), else wall");
}

}  // namespace

bool is_transport_stream(const PayloadFormat& format) {
  return format.encoding == "MP2T";
}

const char* to_string(zc_timestamp kind) {
  switch (kind) {
    case ZC_TIMESTAMP_WALL:
      return "wall";
    case ZC_TIMESTAMP_PCR:
      return "pcr";
    case ZC_TIMESTAMP_SAMPLES:
      return "samples";
    case ZC_TIMESTAMP_BYTES:
      return "bytes";
    case ZC_TIMESTAMP_PACKET:
      return "packet";
  }
  return "?";
}

Result<MediaClock> parse_timestamp(const std::string& text) {
  for (const zc_timestamp kind : {ZC_TIMESTAMP_WALL, ZC_TIMESTAMP_PCR, ZC_TIMESTAMP_SAMPLES}) {
    if (text == to_string(kind)) return MediaClock{.kind = kind};
  }
  if (text.starts_with(kBytes)) return parse_bytes(text.substr(kBytes.size()));
  if (text.starts_with(kPacket)) return parse_packet(text.substr(kPacket.size()));
  return usage_error(
      "--timestamp: '" + text + "' is not one of wall, pcr, samples, bytes:BPS, packet:TICKS",
      "e.g. bytes:128k for 128000 bits a second of payload, packet:960 for 20 ms of opus");
}

std::string timestamp_text(const zc_options& options) {
  const auto kind = static_cast<zc_timestamp>(options.how.timestamp);
  std::string text = to_string(kind);
  if (kind == ZC_TIMESTAMP_BYTES) text += ":" + std::to_string(options.clock_bps);
  if (kind == ZC_TIMESTAMP_PACKET) text += ":" + std::to_string(options.ticks_whole);
  return text;
}

MediaClock usual_clock(const PayloadFormat& format) {
  if (is_transport_stream(format)) return {.kind = ZC_TIMESTAMP_PCR};
  if (format.frame_bytes != 0) return {.kind = ZC_TIMESTAMP_SAMPLES};
  return {};
}

Status check_clock(const MediaClock& clock, const PayloadFormat& format) {
  if (clock.kind == ZC_TIMESTAMP_PCR) return check_pcr(format);
  if (clock.kind == ZC_TIMESTAMP_SAMPLES) return check_samples(format);
  return ok();
}

Ticks ticks_of(const MediaClock& clock, const PayloadFormat& format) {
  switch (clock.kind) {
    case ZC_TIMESTAMP_SAMPLES:
      return ratio(format.frame_ticks, format.frame_bytes);
    case ZC_TIMESTAMP_BYTES:
      return ratio(uint64_t{format.clock_hz} * 8, clock.bps);
    case ZC_TIMESTAMP_PACKET:
      return {clock.packet_ticks, 0};
    case ZC_TIMESTAMP_WALL:
    case ZC_TIMESTAMP_PCR:
      break;
  }
  return {0, zc_ticks_q64(format.clock_hz)};
}

}  // namespace zc::core
