// SPDX-License-Identifier: GPL-2.0-only
#include "counters.h"

#include <fmt/format.h>

#include <limits>

#include "os/wait.h"

namespace zc::bench {
namespace {

constexpr uint64_t kEthernetBytes = 14;
constexpr uint64_t kIpHeaderBytes = 20;
constexpr uint64_t kUdpHeaderBytes = 8;
// Patience with a queue that is not empty, so that one more has come by then.
constexpr Patience kStill{std::chrono::microseconds(200), std::chrono::milliseconds(10)};

uint64_t frames_per_packet(const Expected& expected, unsigned mtu) {
  const uint64_t ip_payload = kUdpHeaderBytes + expected.datagram_bytes();
  if (ip_payload + kIpHeaderBytes <= mtu) return 1;
  const uint64_t per_fragment = (mtu - kIpHeaderBytes) / 8 * 8;  // RFC 791: units of eight bytes
  return (ip_payload + per_fragment - 1) / per_fragment;
}

}  // namespace

CountingFarEnd::CountingFarEnd(const Expected& expected, unsigned mtu, bool may_be_uncut, Read read)
    : expected_(expected),
      fragments_(frames_per_packet(expected, mtu)),
      may_be_uncut_(may_be_uncut && fragments_ == 1),
      read_(std::move(read)),
      before_(read_()) {}

// Nobody knows how many frames there will be where pieces of failed sends have left.
void CountingFarEnd::drain() {
  const auto frames = [this] { return arrived().frames; };
  if (most_pieces() != 0)
    (void)wait_for_count(std::numeric_limits<uint64_t>::max(), kStill, frames);
  else if (!may_be_uncut_)
    (void)wait_for_count(expected_.stream.packets * fragments_, kForFrames, frames);
}

uint64_t CountingFarEnd::most_pieces() const {
  return failed_sends() * (fragments_ - 1);
}

Verdict CountingFarEnd::verdict() {
  return {problem_with(arrived()), {}};
}

Counters CountingFarEnd::arrived() const {
  const Counters now = read_();
  return {now.frames - before_.frames, now.bytes - before_.bytes, now.dropped - before_.dropped};
}

std::string CountingFarEnd::problem_with(const Counters& arrived) const {
  const uint64_t wanted = expected_.stream.packets * fragments_;
  if (arrived.dropped != 0) return fmt::format("{} dropped {}", kDevice, arrived.dropped);
  if (may_be_uncut_) return problem_with_bytes(arrived, arrived.frames);
  if (arrived.frames < wanted || arrived.frames > wanted + most_pieces())
    return fmt::format("{} of {} packets reached {}", arrived.frames, wanted, kDevice);
  // What pieces have of bytes is not known.
  if (most_pieces() != 0) return {};
  return problem_with_bytes(arrived, expected_.stream.packets);
}

// A datagram that the device would cut counts as one frame, so only what is behind the headers can
// be compared: without fragments, all headers are in every frame.
std::string CountingFarEnd::problem_with_bytes(const Counters& arrived,
                                               uint64_t udp_headers) const {
  const uint64_t headers =
      arrived.frames * (kEthernetBytes + kIpHeaderBytes) + udp_headers * kUdpHeaderBytes;
  const uint64_t got = arrived.bytes - headers;
  const uint64_t wanted = expected_.stream.packets * expected_.datagram_bytes();
  if (got != wanted) return fmt::format("{} of {} bytes reached {}", got, wanted, kDevice);
  return {};
}

}  // namespace zc::bench
