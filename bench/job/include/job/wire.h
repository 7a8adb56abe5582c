// SPDX-License-Identifier: GPL-2.0-only
// What a stream looks like where it leaves: who makes the RTP header, and what carries the packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace zc::bench {

// Who makes the RTP header; each is what stands between UDP and the payload on the wire.
enum class Rtp : uint8_t {
  kNone,         // nothing: a reference
  kApplication,  // 12 bytes
  kFile,         // 12 bytes, stored in the file between payloads; they jump where it starts again
  kZcctlUni,     // 12 bytes and 16 of extension: --checksum uni, which `auto` takes on a known card
  kZcctlSum,     // 12 bytes: --checksum sum, which it takes everywhere else
  // Over TCP with a length before each (RFC 4571): 14 bytes.
  kApplicationFrames,
  kZcctlFrames,
};
// "none", "application", "file", "zcctl uni", "zcctl sum", "application frames", "zcctl frames"
const char* to_string(Rtp rtp);
bool is_by_zcctl(Rtp rtp);
bool is_framed(Rtp rtp);
constexpr size_t kFrameLengthBytes = 2;  // RFC 4571 2
size_t header_bytes(Rtp rtp);

// What a rule of zcctl's is told, in attach's words. Empty: not given.
struct RuleWords {
  std::string_view timestamp = {}, encoding = {}, rate = {};
  // Another rule of the device is paced, whose packets nobody sends.
  bool beside_paced = false;
  // What each packet's timestamp must be more than the one before; 0: it is not a clock that
  // counts.
  double ticks = 0;

  bool follows_pcr() const { return timestamp == "pcr"; }
};

// What a method sends with.
enum class Way : uint8_t {
  kUdp,      // a connected UDP socket
  kTcp,      // a connected TCP socket; somebody reads at the other end
  kFrames,   // whole Ethernet frames, handed to the device past its queue and past packet sockets
  kMemory,   // nothing leaves: a part of a way, by itself
  kProgram,  // another program, as a whole
};
const char* to_string(Way way);  // "UDP", "TCP", "UDP frames", "none", "program"

}  // namespace zc::bench
