// SPDX-License-Identifier: GPL-2.0-only
#include "core/rule.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/number.h"
#include "core/checksum.h"
#include "zc/clock.h"

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
  spec.clock_hz =
      static_cast<uint32_t>(ZC_TRY(parse_number(arguments.clock, 1, kMaxClockHz, "--clock")));
  const PayloadFormat* format = find_payload(spec.payload_type, spec.clock_hz);
  // A format with a payload header gets one only where it is asked for by name.
  if (format && format->header_bytes == 0) spec.payload_name = format->name;
  return ok();
}

constexpr uint32_t kTsPacketBytes = 188;  // ISO/IEC 13818-1 2.4.3.2; RFC 2250 2: whole ones

Status read_segment(const RuleArguments& arguments, RuleSpec& spec) {
  constexpr uint64_t kMaxDatagram = 65507;
  if (arguments.segment.empty()) return ok();
  const uint64_t bytes = ZC_TRY(parse_number(arguments.segment, 1, kMaxDatagram, "--segment"));
  if (spec.payload_name == "MP2T" && bytes % kTsPacketBytes != 0 && !arguments.force) {
    const uint64_t less = bytes / kTsPacketBytes * kTsPacketBytes;
    return usage_error(
        "--segment " + arguments.segment + " would cut TS packets: it is no multiple of 188 bytes",
        less > 0 ? std::to_string(less) + " is one; --force takes it as it is"
                 : "--force takes it as it is");
  }
  spec.segment_bytes = static_cast<uint32_t>(bytes);
  return ok();
}

template <typename Word>
Result<std::optional<Word>> parse_optional(const std::string& text, const std::string& name) {
  if (text.empty()) return std::optional<Word>();
  constexpr uint64_t kMax = static_cast<Word>(~Word{0});
  return std::optional<Word>(static_cast<Word>(ZC_TRY(parse_number(text, 0, kMax, name))));
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
  match.to = ZC_TRY(parse_endpoint(to, PortRule::kRequired, "--to"));
  if (from.empty()) return match;
  match.from = ZC_TRY(parse_endpoint(from, PortRule::kOptional, "--from"));
  if (match.from->family != match.to.family) {
    return usage_error(std::string("--from is an ") + to_string(match.from->family) +
                       " address, --to an " + to_string(match.to.family) + " one");
  }
  if (match.from->is_multicast())
    return usage_error("--from: " + match.from->address_text() +
                       " is a multicast group, which sends nothing");
  return match;
}

Result<RuleSpec> parse_rule(const RuleArguments& arguments) {
  RuleSpec spec;
  spec.match = ZC_TRY(parse_match(arguments.to, arguments.from));
  ZC_TRY(read_payload(arguments, spec));
  ZC_TRY(read_segment(arguments, spec));
  if (!arguments.timestamp.empty() && arguments.timestamp != "wall")
    return usage_error("--timestamp: '" + arguments.timestamp + "' is not known",
                       "this version knows wall: the clock time at which a packet leaves");
  if (!arguments.checksum.empty()) spec.checksum = ZC_TRY(parse_checksum(arguments.checksum));
  spec.ssrc = ZC_TRY(parse_optional<uint32_t>(arguments.ssrc, "--ssrc"));
  spec.first_seq = ZC_TRY(parse_optional<uint16_t>(arguments.seq, "--seq"));
  spec.first_ts = ZC_TRY(parse_optional<uint32_t>(arguments.ts, "--ts"));
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
  rule.options.how.clock_hz = spec.clock_hz;
  int flags = spec.checksum ? 0 : ZC_RULE_CHECKSUM_AUTO;
  if (spec.ssrc) flags |= ZC_RULE_FIXED_SSRC;
  if (spec.first_seq) flags |= ZC_RULE_FIXED_SEQ;
  if (spec.first_ts) flags |= ZC_RULE_FIXED_TS;
  rule.options.how.flags = static_cast<uint8_t>(flags);
  rule.options.ticks_q64 = zc_ticks_q64(spec.clock_hz);
  rule.options.first_ssrc = spec.ssrc.value_or(0);
  rule.options.first_seq = spec.first_seq.value_or(0);
  rule.options.first_ts = spec.first_ts.value_or(0);
  rule.options.segment_bytes = spec.segment_bytes;
  std::strncpy(rule.options.payload_name, spec.payload_name.c_str(),
               sizeof(rule.options.payload_name) - 1);
  return rule;
}

// Names are NUL-padded, and there is no padding else.
bool same_options(const zc_rule& one, const zc_rule& other) {
  return std::memcmp(&one.options, &other.options, sizeof(zc_options)) == 0;
}

}  // namespace zc::core
