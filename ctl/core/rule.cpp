// SPDX-License-Identifier: GPL-2.0-only
#include "core/rule.h"

#include <arpa/inet.h>

#include <cstring>

namespace zc::core {
namespace {

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

}  // namespace

std::string Match::to_text() const {
  return is_local_port() ? "" : to.text();
}

std::string Match::from_text() const {
  if (!from) return "";
  return is_local_port() ? ":" + std::to_string(from->port) : from->text();
}

std::string Match::text() const {
  if (is_local_port()) return "from " + from_text();
  return to_text() + (from ? " from " + from_text() : "");
}

bool overlap(const Match& one, const Match& other) {
  if (one.to != other.to) return false;
  if (!one.from || !other.from) return true;
  if (one.from->address != other.from->address) return false;
  return one.from->port == 0 || other.from->port == 0 || one.from->port == other.from->port;
}

zc_flow to_flow(const Match& match) {
  zc_flow flow{};
  if (match.is_local_port()) {  // of either family: bpf/connect/flow.h
    flow.sport = htons(match.from->port);
    return flow;
  }
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
  if (flow.family == 0) {
    Endpoint local;
    local.port = ntohs(flow.sport);
    return Match{Endpoint{}, local};
  }
  Match match{destination_of(flow), source_of(flow)};
  if (match.from->is_unspecified()) match.from.reset();
  return match;
}

namespace {

int flags_of(const RuleSpec& spec) {
  int flags = 0;
  if (spec.ssrc) flags |= ZC_RULE_FIXED_SSRC;
  if (spec.first_seq) flags |= ZC_RULE_FIXED_SEQ;
  if (spec.first_ts) flags |= ZC_RULE_FIXED_TS;
  if (!spec.checksum) flags |= ZC_RULE_CHECKSUM_AUTO;
  if (spec.clock_auto) flags |= ZC_RULE_TIMESTAMP_AUTO;
  if (spec.rtcp_auto) flags |= ZC_RULE_RTCP_AUTO;
  if (spec.one_stream) flags |= ZC_RULE_CONTINUE;
  return flags;
}

// Cuts what is too long, which the parser refuses; the rest is NUL.
template <size_t kSize>
void put(const std::string& text, char (&field)[kSize]) {
  std::strncpy(field, text.c_str(), kSize - 1);
}

void put_clock(const RuleSpec& spec, zc_options& options) {
  const Ticks ticks = ticks_of(spec.clock, spec.payload);
  options.how.timestamp = static_cast<uint8_t>(spec.clock.kind);
  options.ticks_whole = ticks.whole;
  options.ticks_q64 = ticks.q64;
  options.clock_hz = spec.payload.clock_hz;
  options.clock_bps = spec.clock.bps;
  options.pcr_pid = spec.pcr_pid.value_or(ZC_NO_PID);
}

}  // namespace

zc_rule to_abi(const RuleSpec& spec, zc_checksum way) {
  zc_rule rule{};
  rule.match = to_flow(spec.match);
  auto& options = rule.options;
  options.how.payload_type = spec.payload.payload_type;
  options.how.checksum = static_cast<uint8_t>(way);
  options.how.payload_header_bytes = spec.payload.header_bytes;
  options.how.flags = static_cast<uint8_t>(flags_of(spec));
  options.how.pace = static_cast<uint8_t>(spec.pace.kind);
  options.how.rtcp = static_cast<uint8_t>(spec.rtcp);
  options.how.media = static_cast<uint8_t>(spec.payload.media);
  put_clock(spec, options);
  options.first_ssrc = spec.ssrc.value_or(0);
  options.first_seq = spec.first_seq.value_or(0);
  options.first_ts = spec.first_ts.value_or(0);
  options.segment_bytes = spec.segment_bytes;
  options.rate_bps = spec.pace.bps;
  options.idle_s = spec.idle_s;
  options.ptime_us = spec.ptime_us;
  put(spec.payload.name, options.payload_name);
  put(spec.fmtp, options.fmtp);
  return rule;
}

std::optional<PayloadFormat> payload_of(const zc_rule& rule) {
  const auto& field = rule.options.payload_name;
  const std::string name(field, strnlen(field, sizeof(field)));
  const uint8_t type = rule.options.how.payload_type;
  if (name.empty()) return find_payload(type, rule.options.clock_hz);
  auto format = find_payload(name);
  if (!format || format->payload_type != type) format = dynamic_payload(name);
  if (!format) return {};  // of another version, which knew what this one refuses
  format->payload_type = type;
  return std::move(*format);
}

bool is_transport_stream(const zc_rule& rule) {
  const auto format = payload_of(rule);
  return format && is_transport_stream(*format);
}

// Names are NUL-padded, and there is no padding else.
bool same_options(const zc_rule& one, const zc_rule& other) {
  return std::memcmp(&one.options, &other.options, sizeof(zc_options)) == 0;
}

}  // namespace zc::core
