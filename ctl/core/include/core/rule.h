// SPDX-License-Identifier: GPL-2.0-only
// Rules as an operator states them, and their way into and out of the ABI. Pure.
#pragma once

#include <optional>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "core/media_clock.h"
#include "core/payload.h"
#include "zc/abi.h"

namespace zc::core {

// What a rule matches.
struct Match {
  Endpoint to;                   // address and port
  std::optional<Endpoint> from;  // nothing, an address, or address and port

  bool operator==(const Match&) const = default;
  // A target's rule for connections of this host's port (core/framed_rule.h): `from` has a port
  // and no address, `to` is nothing.
  bool is_local_port() const { return to.port == 0; }
  std::string to_text() const;    // "10.0.0.2:5004"; empty: it has none
  std::string from_text() const;  // "10.0.0.1", ":8554"; likewise
  std::string text() const;       // "10.0.0.2:5004 from 10.0.0.1", "from :8554"
};

// Would some packet match both?
bool overlap(const Match& one, const Match& other);

// `from` empty: any. Families must agree. Fails with kUsage.
Result<Match> parse_match(const std::string& to, const std::string& from);

// `--rate`.
struct Pace {
  zc_pace kind = ZC_PACE_NONE;
  uint64_t bps = 0;  // of ZC_PACE_RATE: bits a second of payload
};

// What `attach` was asked for, checked.
struct RuleSpec {
  Match match;
  PayloadFormat payload{};  // without a name for --pt and --clock of no static format
  MediaClock clock{};
  bool clock_auto = false;              // chosen for the payload
  std::optional<uint16_t> pcr_pid{};    // nothing: the first one's that is seen
  std::optional<zc_checksum> checksum;  // nothing: auto
  std::optional<uint32_t> ssrc, first_ts;
  std::optional<uint16_t> first_seq;
  uint32_t segment_bytes = 0;  // of the app's UDP_SEGMENT; 0: not given
  Pace pace{};
  zc_rtcp rtcp = ZC_RTCP_OFF;
  bool rtcp_auto = false;   // chosen for clock and port
  uint32_t idle_s = 0;      // 0: never
  bool one_stream = false;  // --continue
  std::string fmtp{};       // of a=fmtp; empty: none
  uint32_t ptime_us = 0;    // of a=ptime; 0: not given
};

// The command line's arguments, as they came; empty: not given.
struct RuleArguments {
  std::string to, from, payload, pt, clock, timestamp, ssrc, seq, ts, checksum, segment;
  std::string encoding{}, fmtp{}, ptime{}, media{};
  std::string pcr_pid{}, rate{}, rtcp{}, idle{};
  bool one_stream = false;
  bool force = false;  // take a --segment that cuts TS packets
};
// Everything is checked: each argument by itself, and what must go together.
Result<RuleSpec> parse_rule(const RuleArguments& arguments);

// What rules of devices and of targets have in common: payload, clock and first values.
Status read_stream_words(const RuleArguments& arguments, RuleSpec& spec);
// Can payload be cut into pieces of segment_bytes?
Status check_pieces(const RuleSpec& spec, bool force);

// One argument by itself; the error, kUsage, names the option.
Result<Endpoint> parse_to(const std::string& text);
Result<Endpoint> parse_from(const std::string& text);
Result<uint32_t> parse_clock(const std::string& text);    // Hz
Result<uint32_t> parse_segment(const std::string& text);  // bytes
Result<uint32_t> parse_ssrc(const std::string& text);
Result<uint16_t> parse_seq(const std::string& text);
Result<uint32_t> parse_ts(const std::string& text);
Result<uint16_t> parse_pcr_pid(const std::string& text);
Result<Pace> parse_rate(const std::string& text);
Result<zc_rtcp> parse_rtcp(const std::string& text);
Result<uint32_t> parse_idle(const std::string& text);   // seconds
Result<uint32_t> parse_ptime(const std::string& text);  // milliseconds; returns microseconds
Status check_fmtp(const std::string& text);
Result<zc_media> parse_media(const std::string& text);

const char* to_string(zc_rtcp rtcp);
// What a rule's packets carry, as far as it is known.
std::optional<PayloadFormat> payload_of(const zc_rule& rule);

zc_flow to_flow(const Match& match);
Match to_match(const zc_flow& flow);
// The two ends of a stream's flow.
Endpoint destination_of(const zc_flow& flow);
Endpoint source_of(const zc_flow& flow);

bool is_transport_stream(const zc_rule& rule);  // MP2T

zc_rule to_abi(const RuleSpec& spec, zc_checksum way);
// Says whether the options are the same, `auto` and what it became included; not the match.
bool same_options(const zc_rule& one, const zc_rule& other);

}  // namespace zc::core
