// SPDX-License-Identifier: GPL-2.0-only
#include "out/sdp.h"

#include <fmt/format.h>

#include "core/payload.h"
#include "core/rule.h"

namespace zc::out {
namespace {

// RFC 8866 5.7: an IPv4 group needs its TTL. 255 lets every receiver's router decide.
constexpr int kMulticastTtl = 255;

std::string connection(const Endpoint& to) {
  const bool ipv4 = to.family == Family::kIpv4;
  std::string address = to.address_text();
  if (ipv4 && to.is_multicast()) address += fmt::format("/{}", kMulticastTtl);
  return fmt::format("c=IN {} {}", ipv4 ? "IP4" : "IP6", address);
}

std::string rtpmap(const core::PayloadFormat& format) {
  const std::string channels = format.channels > 1 ? fmt::format("/{}", format.channels) : "";
  return fmt::format("a=rtpmap:{} {}/{}{}", format.payload_type, format.encoding, format.clock_hz,
                     channels);
}

}  // namespace

Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source) {
  const Endpoint to = core::destination_of(rule.match);
  const auto* format = core::find_payload(rule.how.payload_type, rule.how.clock_hz);
  if (!format) {
    return unsupported_error(
        fmt::format("no SDP for payload type {}: its encoding has no name here",
                    rule.how.payload_type),
        "attach with --payload NAME, or write the description by hand");
  }
  // The session's id names the stream, so that the same rule gives the same text every time.
  const std::string lines[] = {
      "v=0",
      fmt::format("o=- {} 1 IN {} {}", zc_filter_bit(rule.match.daddr, rule.match.dport),
                  source.family == Family::kIpv4 ? "IP4" : "IP6", source.address_text()),
      fmt::format("s=zcctl {}", to.text()),
      connection(to),
      "t=0 0",
      fmt::format("m={} {} RTP/AVP {}", format->media(), to.port, format->payload_type),
      rtpmap(*format),
      "a=recvonly",
  };
  std::string text;
  for (const std::string& line : lines)
    text += line + "\r\n";
  return text;
}

}  // namespace zc::out
