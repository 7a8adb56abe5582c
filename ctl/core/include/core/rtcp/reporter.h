// SPDX-License-Identifier: GPL-2.0-only
// One stream as the agent knows it: what it says about it, and when. Pure: the stream is looked at
// by who calls, and what is to be sent is handed back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "api/rtcp.h"
#include "core/rtcp/mapping.h"
#include "core/rtcp/packet.h"
#include "core/rtcp/schedule.h"
#include "zc/abi.h"

namespace zc::core::rtcp {

// What a rule asks of its streams' reports.
struct ReportRule {
  uint32_t clock_hz = 0;
  uint8_t rtcp = ZC_RTCP_OFF;  // enum zc_rtcp
  bool runs_on = true;         // the clock goes on without packets
  uint32_t idle_s = 0;         // 0: a silent stream is never said to have ended
  bool frees_idle = false;     // and its place is freed then
  uint64_t rate_bps = 0;       // of payload; 0: not given

  bool operator==(const ReportRule&) const = default;
};
ReportRule to_report_rule(const zc_options& options);

// RTP timestamp and time of the newest packet, out of one word (zc_mapping) and `last_ns`.
Sample sample_of(const zc_stream& stream);

class Reporter {
 public:
  enum class Say : uint8_t { kNothing, kReport, kBye };

  // After so long a silence nothing more is said, if no BYE was due before.
  static constexpr uint64_t kDormantNs = 60'000'000'000;

  Reporter(const ReportRule& rule, const zc_stream& stream, uint64_t now_ns, double chance);

  uint32_t ssrc() const { return ssrc_; }
  const ReportRule& rule() const { return rule_; }
  bool unpaced() const { return mapping_.unpaced(); }
  bool ended() const { return ended_; }  // a BYE was said, and no packet came since

  // The rule's options were changed, and the stream goes on.
  void change(const ReportRule& rule, const zc_stream& stream);
  // Looks at the stream; what is to be said now.
  Say look(const zc_stream& stream, uint64_t now_ns, double chance);
  // The machine's clock was set: what NTP time the last SR gave to a timestamp is wrong now, and
  // so would be a round trip that is reckoned from it.
  void clock_was_set() {
    urgent_ = urgent_ || reported_;
    sent_count_ = 0;
  }
  // Measures how fast it sends: about once a second.
  void measure(const zc_stream& stream, uint64_t now_ns);
  // Writes what look() asked for, of what it saw, and takes it for sent.
  void write(Say say, const api::Clocks& now, std::string_view cname, double chance, Bytes& out);

  // Receivers come and go.
  void set_receivers(uint32_t count) { receivers_ = count; }
  uint32_t receivers() const { return receivers_; }
  void heard(uint32_t bytes) { schedule_.received(bytes); }
  // What a report block says, in units of time; the round trip only where it answers an SR that was
  // sent.
  std::optional<uint32_t> round_trip_us(const ReportBlock& block, uint64_t real_ns) const;
  uint32_t ticks_to_us(uint32_t ticks) const;

 private:
  static constexpr size_t kRemembered = 8;

  Session session(uint64_t now_ns) const;
  bool mapping_jumped(uint64_t now_ns) const;
  bool has_sent_lately(uint64_t now_ns) const;
  bool is_idle(uint64_t now_ns) const;
  void wake(uint64_t now_ns, double chance);

  ReportRule rule_;
  uint32_t ssrc_;
  uint16_t epoch_;
  bool ended_ = false, urgent_ = false, reported_ = false;
  bool drifted_ = false;  // since the last report that was due by time, one was not
  uint32_t receivers_ = 0;
  Mapping mapping_;
  Schedule schedule_;
  Sample last_report_{};                      // what the last SR said
  std::array<uint32_t, kRemembered> sent_{};  // middle of the NTP time of the last SRs
  uint32_t sent_count_ = 0;
  uint64_t packets_ = 0, octets_ = 0;  // as they were seen last
  uint64_t measured_octets_ = 0, measured_packets_ = 0, measured_ns_ = 0;
  float octets_per_second_ = 0;
};

}  // namespace zc::core::rtcp
