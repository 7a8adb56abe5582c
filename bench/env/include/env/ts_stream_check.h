// SPDX-License-Identifier: GPL-2.0-only
// Judges the RTP packets of a program that sends MPEG-TS (RFC 2250): headers, order, seven whole TS
// packets in each but the last. Their bytes are the program's own, so they are not compared.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace zc::bench {

class TsStreamCheck {
 public:
  // The next datagram, in the order in which they came.
  void datagram(std::span<const uint8_t> packet);

  uint64_t packets() const { return packets_; }
  uint64_t payload_bytes() const { return payload_bytes_; }
  const std::string& problem() const { return problem_; }  // empty: nothing was wrong

 private:
  std::string check(std::span<const uint8_t> packet);

  uint64_t packets_ = 0, payload_bytes_ = 0;
  size_t short_bytes_ = 0;  // of a packet that is not full; 0: none was
  std::string problem_;
  uint16_t seq_ = 0;
  uint32_t ssrc_ = 0;
};

}  // namespace zc::bench
