// SPDX-License-Identifier: GPL-2.0-only
// When a member of a session may send RTCP (RFC 3550 6.2, 6.3, A.7). Pure: time and chance are
// given.
#pragma once

#include <cstdint>

namespace zc::core::rtcp {

// What the interval is reckoned from.
struct Session {
  double octets_per_second = 0;  // of the session, as on the wire; 0: not known
  uint32_t members = 1;          // we, and the receivers that were heard
  uint32_t senders = 1;
  bool we_sent = true;  // within the last two intervals
};

constexpr double kMinSeconds = 5;     // Tmin (RFC 3550 6.2)
constexpr double kRtcpShare = 0.05;   // of the session's bandwidth
constexpr uint32_t kUdpIpBytes = 28;  // counted with each packet (RFC 3550 6.2)

// The interval before chance, in seconds: at least Tmin, half of that before the first packet.
double deterministic_interval(const Session& session, double average_bytes, bool initial);

// One member's timer. `chance`: a number in [0, 1), drawn anew for each call.
class Schedule {
 public:
  // The first packet is due after Tmin/2, more or less.
  Schedule(uint64_t now_ns, const Session& session, uint32_t packet_bytes, double chance);

  bool due(uint64_t now_ns) const { return now_ns >= next_ns_; }
  uint64_t last_ns() const { return last_ns_; }  // when it sent last; when it began
  // The timer has run out: is it time to send, or has the session grown meanwhile (timer
  // reconsideration, RFC 3550 6.3.6)? Then the timer is set anew.
  bool reconsider(uint64_t now_ns, const Session& session, double chance);
  // A packet was sent, on time or out of turn: sets the timer.
  void sent(uint64_t now_ns, const Session& session, uint32_t bytes, double chance);
  // A packet of another member came.
  void received(uint32_t bytes) { average(bytes); }
  // Seconds without chance, as it stands now.
  double interval(const Session& session) const {
    return deterministic_interval(session, static_cast<double>(average_bytes_), initial_);
  }

 private:
  void average(uint32_t bytes);
  uint64_t randomised_ns(const Session& session, double chance) const;

  uint64_t last_ns_, next_ns_;
  float average_bytes_;
  bool initial_ = true;
};

}  // namespace zc::core::rtcp
