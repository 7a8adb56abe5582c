// SPDX-License-Identifier: GPL-2.0-only
// Judges the UDP payloads of one run: lengths, RTP headers, bytes of the file. Knows not how they
// arrived.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "job/job.h"
#include "job/wire.h"

namespace zc::bench {

// What must arrive: `stream` with headers of `rtp`.
struct Expected {
  Stream stream;
  std::span<const uint8_t> file;  // the bytes of stream.file; outlives the run
  Rtp rtp = Rtp::kNone;
  // Of RTP's clock from the first packet to the last, within a third; 0: by the wall clock.
  double ticks = 0;
  bool may_mark = false;  // M is set where the file starts again

  size_t datagram_bytes() const { return header_bytes(rtp) + stream.payload_bytes; }
};

class StreamCheck {
 public:
  // The payload bytes of every `compare_every`th packet are compared with the file.
  StreamCheck(const Expected& expected, uint64_t compare_every)
      : expected_(expected), compare_every_(compare_every) {}

  // The next datagram, in the order in which they came.
  void datagram(std::span<const uint8_t> payload);

  // The next so many are there, and nobody looked at them; not the first.
  void skip(uint64_t packets);

  uint64_t packets() const { return packets_; }
  // The first thing that was wrong: "packet 17: RTP sequence number 5, not 4"; empty: nothing.
  const std::string& problem() const { return problem_; }

 private:
  std::string check(std::span<const uint8_t> payload);
  std::string check_rtp(std::span<const uint8_t> header);
  std::string check_elapsed() const;
  std::string check_bytes(std::span<const uint8_t> payload) const;
  uint64_t slot() const;  // of the file: where the newest packet's bytes lie

  Expected expected_;
  uint64_t compare_every_;
  uint64_t packets_ = 0;
  std::string problem_;
  // The newest packet's.
  uint16_t seq_ = 0;
  uint32_t timestamp_ = 0;
  uint64_t elapsed_ = 0;  // ticks
  uint32_t ssrc_ = 0;
};

}  // namespace zc::bench
