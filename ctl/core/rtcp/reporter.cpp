// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp/reporter.h"

#include <algorithm>

#include "core/rtcp/ntp.h"
#include "zc/wire/rtp.h"

namespace zc::core::rtcp {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint32_t kFirstPacketBytes = 64;  // SR and SDES with a CNAME of 16 characters
// Out of turn no SR follows another one faster, whatever a stream's clock does.
constexpr uint64_t kUrgentGapNs = kNsPerSecond;
constexpr uint64_t kActiveNs = kNsPerSecond / 2;
// Half a picture: what receivers play on without a sound or picture that is seen to be late.
constexpr int64_t kJumpMs = 20;

uint64_t packets_of(const zc_stream& stream) {
  return stream.next_seq - stream.first_seq;
}

}  // namespace

ReportRule to_report_rule(const zc_options& options) {
  ReportRule rule;
  rule.clock_hz = options.clock_hz;
  rule.rtcp = options.how.rtcp;
  rule.runs_on = options.how.timestamp == ZC_TIMESTAMP_WALL;
  rule.idle_s = options.idle_s;
  rule.frees_idle = options.idle_s != 0;
  rule.rate_bps = options.rate_bps;
  return rule;
}

// The word's time is that of last_ns, or of a packet a moment earlier or later: of the times with
// these low bits, the one that is nearest.
Sample sample_of(const zc_stream& stream) {
  const uint64_t about = stream.last_ns >> 10;
  const auto off =
      static_cast<int32_t>(static_cast<uint32_t>(stream.mapping) - static_cast<uint32_t>(about));
  return {static_cast<uint32_t>(stream.mapping >> 32), (about + static_cast<uint64_t>(int64_t{off}))
                                                           << 10};
}

Reporter::Reporter(const ReportRule& rule, const zc_stream& stream, uint64_t now_ns, double chance)
    : rule_(rule),
      ssrc_(stream.ssrc),
      epoch_(stream.epoch),
      mapping_(rule.clock_hz, rule.runs_on),
      schedule_(now_ns, Session{}, kFirstPacketBytes, chance) {
  mapping_.take(sample_of(stream));
  measured_octets_ = octets_ = stream.octets;
  measured_packets_ = packets_ = packets_of(stream);
  measured_ns_ = now_ns;
}

Session Reporter::session(uint64_t now_ns) const {
  Session session;
  session.octets_per_second = static_cast<double>(octets_per_second_);
  if (rule_.rate_bps != 0) session.octets_per_second = static_cast<double>(rule_.rate_bps) / 8;
  session.members = 1 + receivers_;
  session.we_sent = has_sent_lately(now_ns);
  session.senders = session.we_sent ? 1 : 0;
  return session;
}

// Within two intervals (RFC 3550 6.3.8).
bool Reporter::has_sent_lately(uint64_t now_ns) const {
  return now_ns <
         mapping_.newest().ns + uint64_t{2 * static_cast<uint32_t>(kMinSeconds)} * kNsPerSecond;
}

// Has the stream's clock moved against time, so that receivers would play it at the wrong one?
bool Reporter::mapping_jumped(uint64_t now_ns) const {
  if (!reported_ || now_ns > mapping_.newest().ns + kActiveNs || mapping_.unpaced()) return false;
  const auto passed = static_cast<__int128>(now_ns - last_report_.ns);
  const auto expected =
      last_report_.rtp +
      static_cast<uint32_t>(passed * rule_.clock_hz / static_cast<int64_t>(kNsPerSecond));
  const auto off = static_cast<int32_t>(mapping_.rtp_at(now_ns) - expected);
  return std::abs(int64_t{off}) > int64_t{rule_.clock_hz} * kJumpMs / 1000;
}

bool Reporter::is_idle(uint64_t now_ns) const {
  return rule_.idle_s != 0 && now_ns > mapping_.newest().ns + rule_.idle_s * kNsPerSecond;
}

// A stream that had ended sends again: it waits as a new member does.
void Reporter::wake(uint64_t now_ns, double chance) {
  if (ended_) schedule_ = Schedule(now_ns, session(now_ns), kFirstPacketBytes, chance);
  ended_ = false;
}

void Reporter::change(const ReportRule& rule, const zc_stream& stream) {
  const bool other_clock = rule.clock_hz != rule_.clock_hz || rule.runs_on != rule_.runs_on;
  rule_ = rule;
  if (!other_clock) return;
  mapping_ = Mapping(rule.clock_hz, rule.runs_on);
  mapping_.take(sample_of(stream));
  urgent_ = true;
}

Reporter::Say Reporter::look(const zc_stream& stream, uint64_t now_ns, double chance) {
  packets_ = packets_of(stream);
  octets_ = stream.octets;
  const bool silent = sample_of(stream) == mapping_.newest();
  if (!silent) wake(now_ns, chance);
  if (ended_) return Say::kNothing;
  if (stream.epoch != epoch_) {
    epoch_ = stream.epoch;
    mapping_.restart(sample_of(stream));
    urgent_ = true;
  }
  mapping_.take(sample_of(stream));
  if (is_idle(now_ns)) return Say::kBye;
  if (now_ns > mapping_.newest().ns + kDormantNs) return Say::kNothing;
  // A clock that is slow or fast all the time jumps again and again: once is enough.
  if (!drifted_ && mapping_jumped(now_ns)) urgent_ = drifted_ = true;
  if (urgent_ && (!reported_ || now_ns >= schedule_.last_ns() + kUrgentGapNs)) return Say::kReport;
  if (!schedule_.due(now_ns)) return Say::kNothing;
  return schedule_.reconsider(now_ns, session(now_ns), chance) ? Say::kReport : Say::kNothing;
}

void Reporter::measure(const zc_stream& stream, uint64_t now_ns) {
  const uint64_t packets = packets_of(stream);
  if (now_ns <= measured_ns_ || stream.octets < measured_octets_) return;
  const uint64_t octets = stream.octets - measured_octets_ +
                          (packets - measured_packets_) * (kUdpIpBytes + sizeof(zc_rtp_header));
  const double seconds = static_cast<double>(now_ns - measured_ns_) / 1e9;
  const auto rate = static_cast<float>(static_cast<double>(octets) / seconds);
  octets_per_second_ = octets_per_second_ == 0 ? rate : (octets_per_second_ * 7 + rate) / 8;
  measured_octets_ = stream.octets;
  measured_packets_ = packets;
  measured_ns_ = now_ns;
}

void Reporter::write(Say say, const api::Clocks& now, std::string_view cname, double chance,
                     Bytes& out) {
  out.clear();
  if (has_sent_lately(now.monotonic_ns)) {
    SenderInfo info;
    info.ntp = to_ntp(now.real_ns);
    info.rtp = mapping_.rtp_at(now.monotonic_ns);
    info.packets = static_cast<uint32_t>(packets_);
    info.octets = static_cast<uint32_t>(octets_);
    put_sender_report(out, ssrc_, info);
    last_report_ = {info.rtp, now.monotonic_ns};
    sent_[sent_count_++ % kRemembered] = ntp_middle(info.ntp);
    reported_ = true;
  } else {
    put_empty_report(out, ssrc_);
  }
  put_cname(out, ssrc_, cname);
  if (say == Say::kBye) put_bye(out, ssrc_);
  ended_ = say == Say::kBye;
  if (!urgent_) drifted_ = false;
  urgent_ = false;
  schedule_.sent(now.monotonic_ns, session(now.monotonic_ns), static_cast<uint32_t>(out.size()),
                 chance);
}

std::optional<uint32_t> Reporter::round_trip_us(const ReportBlock& block, uint64_t real_ns) const {
  const size_t known = std::min<size_t>(sent_count_, kRemembered);
  if (std::find(sent_.begin(), sent_.begin() + known, block.lsr) == sent_.begin() + known)
    return std::nullopt;
  return rtcp::round_trip_us(ntp_middle(to_ntp(real_ns)), block.lsr, block.dlsr);
}

uint32_t Reporter::ticks_to_us(uint32_t ticks) const {
  if (rule_.clock_hz == 0) return 0;
  const uint64_t us = uint64_t{ticks} * 1'000'000 / rule_.clock_hz;
  return static_cast<uint32_t>(std::min<uint64_t>(us, UINT32_MAX));
}

}  // namespace zc::core::rtcp
