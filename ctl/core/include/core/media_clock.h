// SPDX-License-Identifier: GPL-2.0-only
// Where a rule's RTP timestamps come from (`--timestamp`): which clock a payload has, and its ticks
// as the program reckons with them. Pure; knows no stream.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "core/payload.h"
#include "zc/abi.h"

namespace zc::core {

struct MediaClock {
  zc_timestamp kind = ZC_TIMESTAMP_WALL;
  uint64_t bps = 0;           // of ZC_TIMESTAMP_BYTES: bits a second of payload
  uint32_t packet_ticks = 0;  // of ZC_TIMESTAMP_PACKET

  bool operator==(const MediaClock&) const = default;
};

// "wall", "pcr", "samples", "bytes:BPS" or "packet:TICKS"; kUsage.
Result<MediaClock> parse_timestamp(const std::string& text);
// As parse_timestamp takes it.
std::string timestamp_text(const zc_options& options);
const char* to_string(zc_timestamp kind);

// What a payload has if nothing else is said: pcr for MPEG-TS, samples where the length of a packet
// says how long it lasts, else wall.
MediaClock usual_clock(const PayloadFormat& format);
// kUsage where the payload does not have this clock; says what works.
Status check_clock(const MediaClock& clock, const PayloadFormat& format);

// RTP ticks per unit of a clock's position: nanoseconds for wall and pcr (which is wall until it is
// locked), octets of payload for samples and bytes, packets for packet.
struct Ticks {
  uint32_t whole = 0;
  uint64_t q64 = 0;  // the rest, times 2^64

  bool operator==(const Ticks&) const = default;
};
// check_clock has passed.
Ticks ticks_of(const MediaClock& clock, const PayloadFormat& format);

bool is_transport_stream(const PayloadFormat& format);  // MP2T

}  // namespace zc::core
