// SPDX-License-Identifier: GPL-2.0-only
#include "core/sdp.h"

#include <strings.h>

#include <vector>

#include "base/number.h"
#include "zc/wire/rtp.h"

namespace zc::core {
namespace {

// RFC 8866 5.7: an IPv4 group needs its TTL. 255 lets every receiver's router decide.
constexpr uint8_t kMulticastTtl = 255;
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

bool is_said_already(const PayloadFormat& known, const EncodingArguments& arguments) {
  return !arguments.encoding.empty() ||
         (!arguments.media.empty() && known.media != ZC_MEDIA_UNKNOWN);
}

Result<PayloadFormat> describe_payload(const zc_rule& rule, const EncodingArguments& arguments) {
  const auto known = payload_of(rule);
  if (known && is_said_already(*known, arguments))
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

std::string connection(const Endpoint& to, uint8_t ttl) {
  const bool ipv4 = to.family == Family::kIpv4;
  std::string address = to.address_text();
  if (ipv4 && to.is_multicast()) address += "/" + std::to_string(ttl != 0 ? ttl : kMulticastTtl);
  return std::string("c=IN ") + address_type(to) + " " + address;
}

// Whom the description is about: a group or a viewer, or on TCP this host, whose end it is (RFC
// 4145 4). Who connects says the discard port.
Endpoint described_end(const Session& session) {
  constexpr uint16_t kDiscard = 9;
  if (session.carrier == Carrier::kUdp) return destination_of(session.rule.match);
  Endpoint end = session.source;
  const bool passive = session.carrier == Carrier::kTcpPassive;
  end.port = passive ? to_match(session.rule.match).from->port : kDiscard;
  return end;
}

// RFC 8866 5.2: the id names the stream, so that the same rule gives the same text every time.
uint32_t session_id(const zc_flow& match) {
  return match.family == 0 ? match.sport : zc_filter_bit(match.daddr, match.dport);
}

std::string session_name(const zc_flow& flow) {
  const Match match = to_match(flow);
  return match.is_local_port() ? match.text() : match.to_text();
}

// RFC 4145 4 and 5.
void add_connection_lines(const Session& session, std::vector<std::string>& lines) {
  if (session.carrier == Carrier::kUdp) return;
  lines.emplace_back(session.carrier == Carrier::kTcpPassive ? "a=setup:passive"
                                                             : "a=setup:active");
  lines.emplace_back("a=connection:new");
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

// Of packets of one length, where it is known how long they last; 0: not known, or no whole number.
uint64_t ptime_us(const Session& session) {
  const zc_options& options = session.rule.options;
  const PayloadFormat& payload = session.payload;
  if (options.ptime_us != 0) return options.ptime_us;
  if (options.segment_bytes == 0 || payload.frame_bytes == 0) return 0;
  const uint64_t ticks =
      uint64_t{options.segment_bytes} / payload.frame_bytes * payload.frame_ticks;
  return ticks * 1'000'000 % options.clock_hz == 0 ? ticks * 1'000'000 / options.clock_hz : 0;
}

void add_payload_lines(const Session& session, std::vector<std::string>& lines) {
  const zc_options& options = session.rule.options;
  if (options.fmtp[0])
    lines.push_back("a=fmtp:" + std::to_string(options.how.payload_type) + " " + options.fmtp);
  if (const uint64_t ptime = ptime_us(session))
    lines.push_back("a=ptime:" + thousandths_text(ptime));  // RFC 8866 6.4: milliseconds
  if (has_extension(static_cast<zc_checksum>(options.how.checksum)))
    lines.push_back("a=extmap:" + std::to_string(ZC_RTP_EXT_ID) + " " + kExtensionName);
}

// Whoever reads no a=rtcp takes the port behind RTP's, or before it where RTP's is odd (RFC 3550
// 11, RFC 3605).
void add_rtcp_lines(const zc_rule& rule, std::vector<std::string>& lines) {
  switch (static_cast<zc_rtcp>(rule.options.how.rtcp)) {
    case ZC_RTCP_ON:
      lines.push_back("a=rtcp:" + std::to_string(destination_of(rule.match).port + 1));
      return;
    case ZC_RTCP_MUX:
      lines.emplace_back("a=rtcp-mux");  // RFC 5761 5.1.1
      return;
    case ZC_RTCP_OFF:
      return;
  }
}

}  // namespace

Status check_encoding(const std::string& text) {
  (void)ZC_TRY(parse_encoding(text, "--encoding"));
  return ok();
}

Result<uint8_t> parse_ttl(const std::string& text) {
  return static_cast<uint8_t>(ZC_TRY(parse_number(text, 1, UINT8_MAX, "--ttl")));
}

Result<Session> make_session(const zc_rule& rule, const Endpoint& source, uint8_t ttl,
                             const EncodingArguments& arguments) {
  return Session{rule, ZC_TRY(describe_payload(rule, arguments)), source, ttl};
}

Result<Session> make_session(const api::FramedRule& rule, const Endpoint& source,
                             const EncodingArguments& arguments) {
  if (rule.framing.kind == ZC_FRAMING_INTERLEAVED)
    return usage_error(
        "frames of RTSP (interleaved) are not described: RTSP's server sends its own "
        "description in answer to DESCRIBE (RFC 2326 10.2)",
        "open rtsp://… of that server");
  Session session = ZC_TRY(make_session(rule.rule, source, 0, arguments));
  const bool local = to_match(rule.rule.match).is_local_port();
  session.carrier = local ? Carrier::kTcpPassive : Carrier::kTcpActive;
  return session;
}

std::vector<std::string> sdp_lines(const Session& session) {
  const zc_rule& rule = session.rule;
  const Endpoint to = described_end(session);
  const auto& how = rule.options.how;
  std::vector<std::string> lines = {
      "v=0",
      "o=- " + std::to_string(session_id(rule.match)) + " 1 IN " + address_type(session.source) +
          " " + session.source.address_text(),
      "s=zcctl " + session_name(rule.match),
      connection(to, session.ttl),
      "t=0 0",
      "m=" + std::string(to_string(session.payload.media)) + " " + std::to_string(to.port) +
          (session.carrier == Carrier::kUdp ? " RTP/AVP " : " TCP/RTP/AVP ") +
          std::to_string(how.payload_type),
      rtpmap(rule.options, session.payload),
  };
  add_payload_lines(session, lines);
  add_connection_lines(session, lines);
  add_rtcp_lines(rule, lines);
  if (const auto from = source_of_group(rule))
    lines.push_back(std::string("a=source-filter: incl IN ") + address_type(to) + " " +
                    to.address_text() + " " + from->address_text());
  lines.emplace_back("a=recvonly");
  return lines;
}

std::string sdp_text(const Session& session) {
  std::string text;
  for (const std::string& line : sdp_lines(session))
    text += line + "\r\n";
  return text;
}

std::optional<Endpoint> source_of_group(const zc_rule& rule) {
  const Match match = to_match(rule.match);
  return match.to.is_multicast() ? match.from : std::nullopt;
}

}  // namespace zc::core
