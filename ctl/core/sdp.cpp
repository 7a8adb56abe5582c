// SPDX-License-Identifier: GPL-2.0-only
#include "core/sdp.h"

#include <strings.h>

#include <optional>
#include <vector>

#include "base/number.h"
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

// a=rtpmap's value behind the payload type, RFC 8866 6.6.
struct Encoding {
  std::string name;
  std::string media;  // of the m= line
  uint32_t clock_hz = 0;
  uint32_t channels = 1;
};

struct EncodingWords {
  std::string name;
  std::optional<uint32_t> clock_hz, channels;
};

// RFC 8866 9: token.
bool is_token(const std::string& text) {
  constexpr const char* kOthers = "!#$%&'*+-.^_`{|}~";
  return !text.empty() && text.find_first_not_of(std::string(kOthers) +
                                                 "0123456789"
                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                 "abcdefghijklmnopqrstuvwxyz") == std::string::npos;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char letter : text) {
    if (letter == '/')
      parts.emplace_back();
    else
      parts.back() += letter;
  }
  return parts;
}

Result<EncodingWords> parse_encoding(const std::string& text) {
  constexpr uint64_t kMaxChannels = 255;
  const std::vector<std::string> parts = split(text);
  if (parts.size() > 3 || !is_token(parts[0]))
    return usage_error("--encoding: '" + text + "' is not NAME, NAME/CLOCK or NAME/CLOCK/CHANNELS",
                       "as a=rtpmap has it, e.g. opus/48000/2 (RFC 7587) or L24/48000/2");
  EncodingWords words{parts[0], {}, {}};
  if (parts.size() > 1)
    words.clock_hz = static_cast<uint32_t>(
        ZC_TRY(parse_number(parts[1], 1, UINT32_MAX, "--encoding NAME/CLOCK")));
  if (parts.size() > 2)
    words.channels = static_cast<uint32_t>(
        ZC_TRY(parse_number(parts[2], 1, kMaxChannels, "--encoding NAME/CLOCK/CHANNELS")));
  return words;
}

// Opus has two whatever it carries: RFC 7587 7.
uint32_t channels_of(const EncodingWords& words) {
  const bool opus = strcasecmp(words.name.c_str(), "opus") == 0;
  return words.channels.value_or(opus ? 2 : 1);
}

Result<Encoding> encoding_of(const zc_options& options, const EncodingArguments& arguments) {
  const uint8_t payload_type = options.how.payload_type;
  const PayloadFormat* format = find_payload(payload_type, options.clock_hz);
  const std::string type = "payload type " + std::to_string(payload_type);
  if (format) {
    if (!arguments.encoding.empty() || !arguments.media.empty())
      return usage_error(
          type + " is " + std::string(format->name) +
              ": --encoding and --media are for types without a meaning of their own",
          "leave them out");
    return Encoding{std::string(format->encoding), std::string(format->media()), format->clock_hz,
                    format->channels};
  }
  if (arguments.encoding.empty())
    return usage_error("what " + type + " at " + std::to_string(options.clock_hz) +
                           " Hz is, only its operator knows",
                       "say it as a=rtpmap does, e.g. --encoding opus/48000/2");
  const EncodingWords words = ZC_TRY(parse_encoding(arguments.encoding));
  if (words.clock_hz && *words.clock_hz != options.clock_hz)
    return usage_error("--encoding " + arguments.encoding + ": the rule's clock is " +
                           std::to_string(options.clock_hz) + " Hz",
                       "attach --replace with another --clock, if that one is wrong");
  const char* const usual = options.clock_hz == kVideoClockHz ? "video" : "audio";
  return Encoding{words.name, arguments.media.empty() ? usual : arguments.media, options.clock_hz,
                  channels_of(words)};
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

std::string rtpmap(uint8_t payload_type, const Encoding& encoding) {
  const std::string channels = encoding.channels > 1 ? "/" + std::to_string(encoding.channels) : "";
  return "a=rtpmap:" + std::to_string(payload_type) + " " + encoding.name + "/" +
         std::to_string(encoding.clock_hz) + channels;
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
  (void)ZC_TRY(parse_encoding(text));
  return ok();
}

Status check_media(const std::string& text) {
  if (text == "audio" || text == "video") return ok();
  return usage_error("--media: '" + text + "' is not one of audio, video");
}

Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source,
                                     const EncodingArguments& arguments) {
  const Endpoint to = destination_of(rule.match);
  const auto& how = rule.options.how;
  const Encoding encoding = ZC_TRY(encoding_of(rule.options, arguments));
  // The session's id names the stream, so that the same rule gives the same text every time.
  std::vector<std::string> lines = {
      "v=0",
      "o=- " + std::to_string(zc_filter_bit(rule.match.daddr, rule.match.dport)) + " 1 IN " +
          address_type(source) + " " + source.address_text(),
      "s=zcctl " + to.text(),
      connection(to),
      "t=0 0",
      "m=" + encoding.media + " " + std::to_string(to.port) + " RTP/AVP " +
          std::to_string(how.payload_type),
      rtpmap(how.payload_type, encoding),
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
