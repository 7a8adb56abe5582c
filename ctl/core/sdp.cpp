// SPDX-License-Identifier: GPL-2.0-only
#include "core/sdp.h"

#include <strings.h>

#include <vector>

#include "core/payload.h"
#include "core/rule.h"
#include "zc/wire/rtp.h"

namespace zc::core {
namespace {

// RFC 8866 5.7: an IPv4 group needs its TTL. 255 lets every receiver's router decide.
constexpr int kMulticastTtl = 255;
// The name of the header extension that holds a checksum's free words (docs/interface.md): ours, as
// RFC 8285 5 wants a name for each. Receivers skip what they do not know by its ID.
constexpr const char* kExtensionName = "urn:x-zcctl:rtp-hdrext:checksum";
constexpr uint32_t kVideoClockHz = 90'000;  // of all video in RFC 3551 table 5

// What the operator says of a payload that the rule does not name.
Result<PayloadFormat> said_payload(const zc_options& options, const EncodingArguments& arguments) {
  const std::string type = "payload type " + std::to_string(options.how.payload_type);
  if (arguments.encoding.empty())
    return usage_error("what " + type + " at " + std::to_string(options.clock_hz) +
                           " Hz is, only its operator knows",
                       "say it as a=rtpmap does, e.g. --encoding opus/48000/2");
  const Encoding words = ZC_TRY(parse_encoding(arguments.encoding, "--encoding"));
  if (words.clock_hz && *words.clock_hz != options.clock_hz)
    return usage_error("--encoding " + arguments.encoding + ": the rule's clock is " +
                           std::to_string(options.clock_hz) + " Hz",
                       "attach --replace with another --clock, if that one is wrong");
  // Opus has two channels whatever it carries: RFC 7587 7.
  const bool opus = strcasecmp(words.name.c_str(), "opus") == 0;
  PayloadFormat format;
  format.encoding = words.name;
  format.channels = words.channels.value_or(opus ? 2 : 1);
  return format;
}

Result<zc_media> media_of(const zc_options& options, const PayloadFormat& format,
                          const EncodingArguments& arguments) {
  if (!arguments.media.empty()) return parse_media(arguments.media);
  if (options.how.media != ZC_MEDIA_UNKNOWN) return static_cast<zc_media>(options.how.media);
  if (format.media != ZC_MEDIA_UNKNOWN) return format.media;
  return options.clock_hz == kVideoClockHz ? ZC_MEDIA_VIDEO : ZC_MEDIA_AUDIO;
}

Result<PayloadFormat> describe_payload(const zc_rule& rule, const EncodingArguments& arguments) {
  const auto known = payload_of(rule);
  if (known && !(arguments.encoding.empty() && arguments.media.empty()))
    return usage_error("payload type " + std::to_string(rule.options.how.payload_type) + " is " +
                           known->name + ": --encoding and --media are for types without a name",
                       "leave them out");
  PayloadFormat format = known ? *known : ZC_TRY(said_payload(rule.options, arguments));
  format.media = ZC_TRY(media_of(rule.options, format, arguments));
  return format;
}

const char* address_type(const Endpoint& endpoint) {
  return endpoint.family == Family::kIpv4 ? "IP4" : "IP6";
}

std::string connection(const Endpoint& to) {
  const bool ipv4 = to.family == Family::kIpv4;
  std::string address = to.address_text();
  if (ipv4 && to.is_multicast()) address += "/" + std::to_string(kMulticastTtl);
  return std::string("c=IN ") + address_type(to) + " " + address;
}

std::string rtpmap(const zc_options& options, const PayloadFormat& format) {
  return "a=rtpmap:" + std::to_string(options.how.payload_type) + " " +
         encoding_text(format.encoding, options.clock_hz, format.channels);
}

bool has_extension(zc_checksum way) {
  switch (way) {
    case ZC_CHECKSUM_LCO:
    case ZC_CHECKSUM_UNI:
      return true;
    case ZC_CHECKSUM_ZERO:
    case ZC_CHECKSUM_SUM:
      return false;
  }
  return false;
}

}  // namespace

Status check_encoding(const std::string& text) {
  (void)ZC_TRY(parse_encoding(text, "--encoding"));
  return ok();
}

Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source,
                                     const EncodingArguments& arguments) {
  const Endpoint to = destination_of(rule.match);
  const auto& how = rule.options.how;
  const PayloadFormat format = ZC_TRY(describe_payload(rule, arguments));
  // The session's id names the stream, so that the same rule gives the same text every time.
  std::vector<std::string> lines = {
      "v=0",
      "o=- " + std::to_string(zc_filter_bit(rule.match.daddr, rule.match.dport)) + " 1 IN " +
          address_type(source) + " " + source.address_text(),
      "s=zcctl " + to.text(),
      connection(to),
      "t=0 0",
      "m=" + std::string(to_string(format.media)) + " " + std::to_string(to.port) + " RTP/AVP " +
          std::to_string(how.payload_type),
      rtpmap(rule.options, format),
  };
  if (has_extension(static_cast<zc_checksum>(how.checksum)))
    lines.push_back("a=extmap:" + std::to_string(ZC_RTP_EXT_ID) + " " + kExtensionName);
  lines.emplace_back("a=recvonly");
  std::string text;
  for (const std::string& line : lines)
    text += line + "\r\n";
  return text;
}

}  // namespace zc::core
