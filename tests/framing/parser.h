// SPDX-License-Identifier: GPL-2.0-only
// Judges a stream of bytes: RTP frames after RFC 4571 2 or RFC 2326 10.12, RFC 3550 5.1, which
// carry an application's bytes. Shares no line with what is tested, and knows no kernel.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zc::test {

struct Look {
  uint32_t bytes = 0;  // payload octets of a frame
  bool interleaved = false;
  uint8_t channel = 0, payload_type = 0;
  uint16_t first_seq = 0;
  uint32_t ssrc = 0;
  bool markers = false;  // some frames have one
};

// What the application says, piece by piece: of its bytes [begin, end).
struct Part {
  bool framed = true;
  uint64_t begin = 0, end = 0;
  bool exact = false;  // a frame ends where it ends
};

struct Frame {
  uint64_t begin = 0;      // first of the application's bytes in it
  uint64_t announced = 0;  // payload octets
  uint32_t timestamp = 0;
  bool marker = false;
  uint64_t end() const { return begin + announced; }
};

struct Parsed {
  std::vector<Frame> frames;
  uint64_t position = 0;  // of the application's bytes: so many are in the stream
  std::string fault;      // empty: none
};

Parsed parse(std::span<const uint8_t> stream, std::span<const uint8_t> said,
             std::span<const Part> parts, const Look& look);

}  // namespace zc::test
