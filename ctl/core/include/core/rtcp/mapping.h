// SPDX-License-Identifier: GPL-2.0-only
// From an instant to the RTP timestamp that a stream has then: what an SR says (RFC 3550 6.4.1).
// Pure: packets of the stream are looked at now and then, and time is given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace zc::core::rtcp {

// The newest packet of a stream at some moment.
struct Sample {
  uint32_t rtp = 0;
  uint64_t ns = 0;  // CLOCK_MONOTONIC when it was stamped

  bool operator==(const Sample&) const = default;
};

class Mapping {
 public:
  static constexpr size_t kSamples = 9;
  static constexpr uint64_t kMostSilenceNs = 1'000'000'000;

  // `runs_on`: the clock goes on without packets, as wall does; that of a medium stands still.
  Mapping(uint32_t clock_hz, bool runs_on) : clock_hz_(clock_hz), runs_on_(runs_on) {}

  // Takes another look; the same packet as before changes nothing.
  void take(const Sample& sample);
  // Forgets what is before the newest sample: the stream's clock has jumped.
  void restart(const Sample& sample);
  bool empty() const { return count_ == 0; }
  Sample newest() const { return samples_[newest_]; }

  // The stream's timestamp at an instant not long ago. It is reckoned from the newest packet, but
  // packets come early and late: what most of the last ones say of the offset between the two
  // clocks is what counts. A clock that does not run on stands still a second after the last
  // packet.
  uint32_t rtp_at(uint64_t ns) const;
  // Media time passes faster than time: nobody paces the packets, so that no SR means anything.
  bool unpaced() const;

 private:
  int64_t offset_ns(const Sample& sample) const;
  int64_t median_offset_ns() const;
  int64_t ns_of(int64_t ticks) const;

  std::array<Sample, kSamples> samples_{};
  uint32_t clock_hz_;
  uint8_t count_ = 0, newest_ = 0;
  bool runs_on_;
};

}  // namespace zc::core::rtcp
