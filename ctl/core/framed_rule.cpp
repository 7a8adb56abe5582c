// SPDX-License-Identifier: GPL-2.0-only
#include "core/framed_rule.h"

#include <cstring>

#include "base/number.h"
#include "zc/frame.h"
#include "zc/wire/ts.h"

namespace zc::core {
namespace {

constexpr uint32_t kRtpBytes = sizeof(zc_rtp_header);
// From this length on the first byte of an RFC 4571 frame may be '$', with which RTSP's begin.
constexpr uint32_t kFirstLikeRtsp = '$' << 8;

struct Meaningless {
  const std::string& given;
  const char* option;
  const char* why;
};

Status check_meaningful(const RuleArguments& arguments) {
  const Meaningless all[] = {
      {arguments.checksum, "--checksum", "TCP's own checksum covers every byte"},
      {arguments.rate, "--rate", "TCP has a pace of its own"},
      {arguments.idle, "--idle", "a stream ends with its connection"},
  };
  for (const Meaningless& one : all) {
    if (!one.given.empty())
      return usage_error(std::string(one.option) + " means nothing on TCP: " + one.why,
                         "leave it out");
  }
  if (arguments.one_stream)
    return usage_error("--continue means nothing on TCP: each connection is a stream",
                       "leave it out");
  if (arguments.rtcp.empty() || ZC_TRY(parse_rtcp(arguments.rtcp)) == ZC_RTCP_OFF) return ok();
  return usage_error("--rtcp " + arguments.rtcp + ": the agent does not speak on TCP",
                     "leave it out");
}

bool is_long(const zc_framing& framing) {
  return framing.kind == ZC_FRAMING_RFC4571 && framing.bytes + kRtpBytes >= kFirstLikeRtsp;
}

Status check_lengths(const zc_framing& framing, bool force) {
  if (!is_long(framing) || force) return ok();
  return usage_error(
      "--segment " + std::to_string(framing.bytes) +
          ": receivers may take an RFC 4571 length of 9216 bytes or more for RTSP's '$'",
      "at most " + std::to_string(kFirstLikeRtsp - kRtpBytes - 1) +
          " bytes; --force takes it as it is");
}

Status check_forced(const RuleArguments& arguments, const api::FramedRule& rule) {
  if (!arguments.force || needs_force(rule)) return ok();
  return usage_error(
      "--force has nothing to force: it takes a --segment that cuts TS packets, or is too long for "
      "RFC 4571",
      "leave it out");
}

Result<zc_framing> read_framing(const RuleArguments& arguments, const FramingArguments& words) {
  zc_framing framing = ZC_TRY(parse_framing(words.framing));
  if (arguments.segment.empty())
    return usage_error("--framing needs --segment BYTES: how many bytes of payload a frame has",
                       "1316 is usual for MPEG-TS");
  framing.bytes = ZC_TRY(parse_frame_bytes(arguments.segment));
  if (!words.frame_end.empty())
    framing.frame_end = static_cast<uint8_t>(ZC_TRY(parse_frame_end(words.frame_end)));
  if (words.skip.empty()) return framing;
  const zc_framing skip = ZC_TRY(parse_skip(words.skip));
  framing.skip = skip.skip;
  framing.skip_bytes = skip.skip_bytes;
  return framing;
}

}  // namespace

Result<api::FramedRule> parse_framed_rule(const RuleArguments& arguments,
                                          const FramingArguments& words) {
  RuleSpec spec;
  spec.match = ZC_TRY(parse_connection_match(arguments.to, arguments.from));
  ZC_TRY(check_meaningful(arguments));
  ZC_TRY(read_stream_words(arguments, spec));
  if (spec.payload.header_bytes != 0)
    return usage_error(spec.payload.name +
                           " has a header of its own behind RTP's (RFC 2250 3.5), "
                           "which frames on TCP have no place for",
                       "mux it to MPEG-TS: --payload MP2T");
  const zc_framing framing = ZC_TRY(read_framing(arguments, words));
  spec.segment_bytes = framing.bytes;
  api::FramedRule rule{to_abi(spec, ZC_CHECKSUM_SUM), framing};
  ZC_TRY(check_lengths(framing, arguments.force));
  ZC_TRY(check_forced(arguments, rule));
  ZC_TRY(check_pieces(spec, arguments.force));
  auto& how = rule.rule.options.how;
  how.checksum = 0;  // TCP's own
  how.flags = static_cast<uint8_t>(how.flags & ~ZC_RULE_CHECKSUM_AUTO);
  return rule;
}

Result<Match> parse_connection_match(const std::string& to, const std::string& from) {
  if (to.empty() == from.empty())
    return usage_error(
        "of a cgroup's connections a rule takes those to --to ADDR:PORT, or those "
        "of this host's port --from :PORT",
        "give one of them");
  if (!to.empty()) {
    const Match match{ZC_TRY(parse_to(to)), {}};
    if (!match.to.is_multicast()) return match;
    return usage_error("--to: " + match.to.address_text() +
                       " is a multicast group, and TCP has none");
  }
  return Match{Endpoint{}, ZC_TRY(parse_local_port(from))};
}

Result<Endpoint> parse_local_port(const std::string& text) {
  if (!text.starts_with(':'))
    return usage_error("--from: '" + text + "' is no port of this host",
                       "write it with a colon and without an address: --from :8554");
  Endpoint endpoint;
  endpoint.port = static_cast<uint16_t>(
      ZC_TRY(parse_number(text.substr(1), 1, UINT16_MAX, "--from: the port")));
  return endpoint;
}

Result<zc_framing> parse_framing(const std::string& text) {
  constexpr std::string_view kInterleaved = "interleaved:";
  zc_framing framing{};
  if (text == "rfc4571") {
    framing.kind = ZC_FRAMING_RFC4571;
    return framing;
  }
  if (!text.starts_with(kInterleaved))
    return usage_error("--framing: '" + text + "' is not one of rfc4571, interleaved:CHANNEL",
                       "RTSP says the channel: Transport: …;interleaved=0-1");
  framing.kind = ZC_FRAMING_INTERLEAVED;
  framing.channel = static_cast<uint8_t>(ZC_TRY(
      parse_number(text.substr(kInterleaved.size()), 0, UINT8_MAX, "--framing: the channel")));
  return framing;
}

Result<zc_frame_end> parse_frame_end(const std::string& text) {
  if (text == "call") return ZC_FRAME_END_CALL;
  if (text == "never") return ZC_FRAME_END_NEVER;
  return usage_error("--frame-end: '" + text + "' is not one of call, never");
}

Result<zc_framing> parse_skip(const std::string& text) {
  zc_framing framing{};
  if (text == "http") {
    framing.skip = ZC_SKIP_HTTP;
    return framing;
  }
  framing.skip = ZC_SKIP_BYTES;
  framing.skip_bytes = ZC_TRY(parse_number(text, 1, UINT32_MAX, "--skip (or http)"));
  return framing;
}

Result<uint32_t> parse_frame_bytes(const std::string& text) {
  return static_cast<uint32_t>(ZC_TRY(parse_number(text, 1, ZC_FRAME_BYTES_MAX, "--segment")));
}

std::string framing_text(const zc_framing& framing) {
  if (framing.kind == ZC_FRAMING_RFC4571) return "rfc4571";
  return "interleaved:" + std::to_string(framing.channel);
}

std::string frame_end_text(const zc_framing& framing) {
  return framing.frame_end == ZC_FRAME_END_NEVER ? "never" : "call";
}

std::string skip_text(const zc_framing& framing) {
  if (framing.skip == ZC_SKIP_HTTP) return "http";
  return framing.skip == ZC_SKIP_BYTES ? std::to_string(framing.skip_bytes) : "";
}

bool needs_force(const api::FramedRule& rule) {
  const bool cuts = is_transport_stream(rule.rule) && rule.framing.bytes % ZC_TS_PACKET_BYTES != 0;
  return cuts || is_long(rule.framing);
}

bool same_options(const api::FramedRule& one, const api::FramedRule& other) {
  return same_options(one.rule, other.rule) &&
         std::memcmp(&one.framing, &other.framing, sizeof(zc_framing)) == 0;
}

}  // namespace zc::core
