// SPDX-License-Identifier: GPL-2.0-only
#include "core/rule.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/number.h"
#include "core/checksum.h"
#include "zc/clock.h"
#include "zc/wire/rtp.h"

namespace zc::core {
namespace {

// The clocks of RFC 3551 end at 90 kHz; 192 kHz audio and a microsecond clock are in use.
constexpr uint64_t kMaxClockHz = 100'000'000;

void put(const Endpoint& endpoint, __be32 (&address)[4], __be16& port) {
  const size_t bytes = endpoint.family == Family::kIpv4 ? 4 : 16;
  std::memcpy(address, endpoint.address.data(), bytes);
  port = htons(endpoint.port);
}

Endpoint get(uint32_t family, const __be32 (&address)[4], __be16 port) {
  Endpoint endpoint;
  endpoint.family = family == ZC_IPV4 ? Family::kIpv4 : Family::kIpv6;
  std::memcpy(endpoint.address.data(), address, sizeof(address));
  endpoint.port = ntohs(port);
  return endpoint;
}

Status read_payload(const RuleArguments& arguments, RuleSpec& spec) {
  if (!arguments.payload.empty()) {
    if (!arguments.pt.empty() || !arguments.clock.empty())
      return usage_error("--payload already says --pt and --clock", "give one or the other");
    const PayloadFormat* format = ZC_TRY(find_payload(arguments.payload));
    spec.payload_name = format->name;
    spec.payload_type = format->payload_type;
    spec.clock_hz = format->clock_hz;
    spec.payload_header_bytes = format->header_bytes;
    return ok();
  }
  if (arguments.pt.empty() || arguments.clock.empty())
    return usage_error("attach needs --payload NAME, or --pt N with --clock HZ",
                       "e.g. --payload MP2T for an MPEG transport stream");
  spec.payload_type = ZC_TRY(parse_payload_type(arguments.pt));
  spec.clock_hz = ZC_TRY(parse_clock(arguments.clock));
  const PayloadFormat* format = find_payload(spec.payload_type, spec.clock_hz);
  // A format with a payload header gets one only where it is asked for by name.
  if (format && format->header_bytes == 0) spec.payload_name = format->name;
  return ok();
}

constexpr std::string_view kTransportStream = "MP2T";

// All pieces of a super-packet have one timestamp, the time of their call. Where it must be the
// time of a packet's own first sample, that is right for one of them.
Status check_clock_of_pieces(const std::string& bytes, const RuleSpec& spec) {
  const PayloadFormat* format = find_payload(spec.payload_type, spec.clock_hz);
  if (!format || !format->own_time) return ok();
  return usage_error("--segment " + bytes +
                         ": the packets of one call share a timestamp, and each " +
                         std::string(format->name) + " packet needs its own (RFC 3551 4.1)",
                     "let the application send one datagram a call, and leave --segment out");
}

Status check_whole_ts_packets(uint64_t bytes, const RuleSpec& spec, bool force) {
  if (spec.payload_name != kTransportStream || bytes % ZC_TS_PACKET_BYTES == 0 || force)
    return ok();
  const uint64_t less = bytes / ZC_TS_PACKET_BYTES * ZC_TS_PACKET_BYTES;
  return usage_error("--segment " + std::to_string(bytes) +
                         " would cut TS packets: it is no multiple of 188 bytes",
                     less > 0 ? std::to_string(less) + " is one; --force takes it as it is"
                              : "--force takes it as it is");
}

Status read_segment(const RuleArguments& arguments, RuleSpec& spec) {
  if (arguments.force && (arguments.segment.empty() || spec.payload_name != kTransportStream))
    return usage_error("--force has nothing to force: it takes a --segment that cuts TS packets",
                       "leave it out, or give --payload MP2T and --segment BYTES");
  if (arguments.segment.empty()) return ok();
  spec.segment_bytes = ZC_TRY(parse_segment(arguments.segment));
  ZC_TRY(check_clock_of_pieces(arguments.segment, spec));
  return check_whole_ts_packets(spec.segment_bytes, spec, arguments.force);
}

template <typename Word>
Result<Word> parse_word(const std::string& text, const std::string& name) {
  constexpr uint64_t kMax = static_cast<Word>(~Word{0});
  return static_cast<Word>(ZC_TRY(parse_number(text, 0, kMax, name)));
}

template <typename Word>
Result<std::optional<Word>> if_given(const std::string& text,
                                     Result<Word> (&parse)(const std::string&)) {
  if (text.empty()) return std::optional<Word>();
  return std::optional<Word>(ZC_TRY(parse(text)));
}

}  // namespace

std::string Match::text() const {
  return to.text() + (from ? " from " + from->text() : "");
}

bool overlap(const Match& one, const Match& other) {
  if (one.to != other.to) return false;
  if (!one.from || !other.from) return true;
  if (one.from->address != other.from->address) return false;
  return one.from->port == 0 || other.from->port == 0 || one.from->port == other.from->port;
}

Result<Match> parse_match(const std::string& to, const std::string& from) {
  Match match;
  match.to = ZC_TRY(parse_to(to));
  if (from.empty()) return match;
  match.from = ZC_TRY(parse_from(from));
  if (match.from->family != match.to.family) {
    return usage_error(std::string("--from is an ") + to_string(match.from->family) +
                       " address, --to an " + to_string(match.to.family) + " one");
  }
  return match;
}

Result<Endpoint> parse_to(const std::string& text) {
  return parse_endpoint(text, PortRule::kRequired, "--to");
}

Result<Endpoint> parse_from(const std::string& text) {
  const Endpoint from = ZC_TRY(parse_endpoint(text, PortRule::kOptional, "--from"));
  if (from.is_multicast())
    return usage_error("--from: " + from.address_text() +
                       " is a multicast group, which sends nothing");
  return from;
}

Result<uint32_t> parse_clock(const std::string& text) {
  return static_cast<uint32_t>(ZC_TRY(parse_number(text, 1, kMaxClockHz, "--clock")));
}

Result<uint32_t> parse_segment(const std::string& text) {
  constexpr uint64_t kMaxDatagram = 65507;
  return static_cast<uint32_t>(ZC_TRY(parse_number(text, 1, kMaxDatagram, "--segment")));
}

Status check_timestamp(const std::string& text) {
  if (text == "wall") return ok();
  return usage_error("--timestamp: '" + text + "' is not known",
                     "this version knows wall: the clock time at which a packet leaves");
}

Result<uint32_t> parse_ssrc(const std::string& text) {
  return parse_word<uint32_t>(text, "--ssrc");
}
Result<uint16_t> parse_seq(const std::string& text) {
  return parse_word<uint16_t>(text, "--seq");
}
Result<uint32_t> parse_ts(const std::string& text) {
  return parse_word<uint32_t>(text, "--ts");
}

Result<RuleSpec> parse_rule(const RuleArguments& arguments) {
  RuleSpec spec;
  spec.match = ZC_TRY(parse_match(arguments.to, arguments.from));
  ZC_TRY(read_payload(arguments, spec));
  ZC_TRY(read_segment(arguments, spec));
  if (!arguments.timestamp.empty()) ZC_TRY(check_timestamp(arguments.timestamp));
  if (!arguments.checksum.empty()) spec.checksum = ZC_TRY(parse_checksum(arguments.checksum));
  spec.ssrc = ZC_TRY(if_given(arguments.ssrc, parse_ssrc));
  spec.first_seq = ZC_TRY(if_given(arguments.seq, parse_seq));
  spec.first_ts = ZC_TRY(if_given(arguments.ts, parse_ts));
  return spec;
}

zc_flow to_flow(const Match& match) {
  zc_flow flow{};
  flow.family = match.to.family == Family::kIpv4 ? ZC_IPV4 : ZC_IPV6;
  put(match.to, flow.daddr, flow.dport);
  if (match.from) put(*match.from, flow.saddr, flow.sport);
  return flow;
}

Endpoint destination_of(const zc_flow& flow) {
  return get(flow.family, flow.daddr, flow.dport);
}
Endpoint source_of(const zc_flow& flow) {
  return get(flow.family, flow.saddr, flow.sport);
}

Match to_match(const zc_flow& flow) {
  Match match{destination_of(flow), source_of(flow)};
  if (match.from->is_unspecified()) match.from.reset();
  return match;
}

zc_rule to_abi(const RuleSpec& spec, zc_checksum way) {
  zc_rule rule{};
  rule.match = to_flow(spec.match);
  rule.options.how.payload_type = spec.payload_type;
  rule.options.how.checksum = static_cast<uint8_t>(way);
  rule.options.how.payload_header_bytes = spec.payload_header_bytes;
  rule.options.clock_hz = spec.clock_hz;
  int flags = ZC_RULE_TIMESTAMP_AUTO | ZC_RULE_RTCP_AUTO;
  if (!spec.checksum) flags |= ZC_RULE_CHECKSUM_AUTO;
  if (spec.ssrc) flags |= ZC_RULE_FIXED_SSRC;
  if (spec.first_seq) flags |= ZC_RULE_FIXED_SEQ;
  if (spec.first_ts) flags |= ZC_RULE_FIXED_TS;
  rule.options.how.flags = static_cast<uint8_t>(flags);
  rule.options.ticks_q64 = zc_ticks_q64(spec.clock_hz);
  rule.options.first_ssrc = spec.ssrc.value_or(0);
  rule.options.first_seq = spec.first_seq.value_or(0);
  rule.options.first_ts = spec.first_ts.value_or(0);
  rule.options.segment_bytes = spec.segment_bytes;
  rule.options.pcr_pid = ZC_NO_PID;
  std::strncpy(rule.options.payload_name, spec.payload_name.c_str(),
               sizeof(rule.options.payload_name) - 1);
  return rule;
}

bool is_transport_stream(const zc_rule& rule) {
  const auto& name = rule.options.payload_name;
  return kTransportStream == std::string_view(name, strnlen(name, sizeof(name)));
}

// Names are NUL-padded, and there is no padding else.
bool same_options(const zc_rule& one, const zc_rule& other) {
  return std::memcmp(&one.options, &other.options, sizeof(zc_options)) == 0;
}

}  // namespace zc::core
