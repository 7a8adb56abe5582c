// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp/schedule.h"

#include <algorithm>

namespace zc::core::rtcp {
namespace {

constexpr double kSenderShare = 0.25;        // of RTCP, while senders are few (RFC 3550 6.2)
constexpr double kCompensation = 1.21828;    // e - 3/2: reconsideration settles below (A.7)
constexpr float kAverageWeight = 1.0F / 16;  // of the newest packet's length (6.3.3)

}  // namespace

double deterministic_interval(const Session& session, double average_bytes, bool initial) {
  const double least = initial ? kMinSeconds / 2 : kMinSeconds;
  double octets_per_second = session.octets_per_second * kRtcpShare;
  if (octets_per_second <= 0) return least;
  double members = session.members;
  if (session.senders <= session.members * kSenderShare) {
    octets_per_second *= session.we_sent ? kSenderShare : 1 - kSenderShare;
    members = session.we_sent ? session.senders : session.members - session.senders;
  }
  return std::max(least, average_bytes * members / octets_per_second);
}

Schedule::Schedule(uint64_t now_ns, const Session& session, uint32_t packet_bytes, double chance)
    : last_ns_(now_ns),
      next_ns_(0),
      average_bytes_(static_cast<float>(packet_bytes + kUdpIpBytes)) {
  next_ns_ = now_ns + randomised_ns(session, chance);
}

uint64_t Schedule::randomised_ns(const Session& session, double chance) const {
  return static_cast<uint64_t>(interval(session) * (chance + 0.5) / kCompensation * 1e9);
}

void Schedule::average(uint32_t bytes) {
  average_bytes_ += (static_cast<float>(bytes + kUdpIpBytes) - average_bytes_) * kAverageWeight;
}

bool Schedule::reconsider(uint64_t now_ns, const Session& session, double chance) {
  next_ns_ = last_ns_ + randomised_ns(session, chance);
  return due(now_ns);
}

void Schedule::sent(uint64_t now_ns, const Session& session, uint32_t bytes, double chance) {
  average(bytes);
  initial_ = false;
  last_ns_ = now_ns;
  next_ns_ = now_ns + randomised_ns(session, chance);
}

}  // namespace zc::core::rtcp
