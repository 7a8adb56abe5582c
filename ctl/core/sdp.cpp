// SPDX-License-Identifier: GPL-2.0-only
#include "core/sdp.h"

#include "core/payload.h"
#include "core/rule.h"

namespace zc::core {
namespace {

// RFC 8866 5.7: an IPv4 group needs its TTL. 255 lets every receiver's router decide.
constexpr int kMulticastTtl = 255;

const char* address_type(const Endpoint& endpoint) {
  return endpoint.family == Family::kIpv4 ? "IP4" : "IP6";
}

std::string connection(const Endpoint& to) {
  const bool ipv4 = to.family == Family::kIpv4;
  std::string address = to.address_text();
  if (ipv4 && to.is_multicast()) address += "/" + std::to_string(kMulticastTtl);
  return std::string("c=IN ") + address_type(to) + " " + address;
}

std::string rtpmap(const PayloadFormat& format) {
  const std::string channels = format.channels > 1 ? "/" + std::to_string(format.channels) : "";
  return "a=rtpmap:" + std::to_string(format.payload_type) + " " + std::string(format.encoding) +
         "/" + std::to_string(format.clock_hz) + channels;
}

}  // namespace

Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source) {
  const Endpoint to = destination_of(rule.match);
  const auto* format = find_payload(rule.options.how.payload_type, rule.options.how.clock_hz);
  if (!format) {
    return unsupported_error("no SDP for payload type " +
                                 std::to_string(rule.options.how.payload_type) +
                                 ": its encoding has no name here",
                             "attach with --payload NAME, or write the description by hand");
  }
  // The session's id names the stream, so that the same rule gives the same text every time.
  const std::string lines[] = {
      "v=0",
      "o=- " + std::to_string(zc_filter_bit(rule.match.daddr, rule.match.dport)) + " 1 IN " +
          address_type(source) + " " + source.address_text(),
      "s=zcctl " + to.text(),
      connection(to),
      "t=0 0",
      "m=" + std::string(format->media()) + " " + std::to_string(to.port) + " RTP/AVP " +
          std::to_string(format->payload_type),
      rtpmap(*format),
      "a=recvonly",
  };
  std::string text;
  for (const std::string& line : lines)
    text += line + "\r\n";
  return text;
}

}  // namespace zc::core
