// SPDX-License-Identifier: GPL-2.0-only
// From the words of a command line to a rule: each option by itself, and what must go together.
// Knows no device and no other rule.
#include <array>

#include "base/number.h"
#include "core/checksum.h"
#include "core/rule.h"
#include "zc/wire/ts.h"

namespace zc::core {
namespace {

// The clocks of RFC 3551 end at 90 kHz; 192 kHz audio and a microsecond clock are in use.
constexpr uint64_t kMaxClockHz = 100'000'000;

// --- payload --------------------------------------------------------------------------------

// Types 0 to 34 mean what RFC 3551 6 says, or once did; what is not assigned behind them may be
// used where 96 to 127 do not suffice.
Result<uint8_t> dynamic_type(const std::string& text) {
  constexpr uint8_t kFirstUnassigned = 35;
  if (text.empty()) return kDynamicType;
  const uint8_t type = ZC_TRY(parse_payload_type(text));
  if (type >= kFirstUnassigned) return type;
  return usage_error("--pt " + text + " has a meaning of its own (RFC 3551 6)",
                     "dynamic types are 96 to 127; 96 if --pt is not given");
}

Result<PayloadFormat> payload_by_name(const RuleArguments& arguments) {
  PayloadFormat format = ZC_TRY(find_payload(arguments.payload));
  if (!arguments.clock.empty() || (!arguments.pt.empty() && !format.dynamic))
    return usage_error("--payload already says --pt and --clock", "give one or the other");
  if (format.dynamic) format.payload_type = ZC_TRY(dynamic_type(arguments.pt));
  return format;
}

Result<PayloadFormat> payload_by_encoding(const RuleArguments& arguments) {
  std::string text = arguments.encoding;
  const bool has_clock = text.find('/') != std::string::npos;
  if (!has_clock && !arguments.clock.empty()) text += "/" + arguments.clock;
  PayloadFormat format = ZC_TRY(dynamic_payload(text));
  if (!arguments.clock.empty() && ZC_TRY(parse_clock(arguments.clock)) != format.clock_hz)
    return usage_error("--encoding " + arguments.encoding + " and --clock " + arguments.clock +
                           " contradict each other",
                       "leave --clock out");
  format.payload_type = ZC_TRY(dynamic_type(arguments.pt));
  return format;
}

Result<PayloadFormat> payload_by_number(const RuleArguments& arguments) {
  if (arguments.pt.empty() || arguments.clock.empty())
    return usage_error("attach needs --payload NAME, or --pt N with --clock HZ",
                       "e.g. --payload MP2T for an MPEG transport stream");
  const uint8_t type = ZC_TRY(parse_payload_type(arguments.pt));
  const uint32_t clock_hz = ZC_TRY(parse_clock(arguments.clock));
  PayloadFormat format = find_payload(type, clock_hz).value_or(PayloadFormat{});
  format.payload_type = type;
  format.clock_hz = clock_hz;
  // A format with a payload header gets one only where it is asked for by name.
  if (format.header_bytes != 0) format.name.clear();
  format.header_bytes = 0;
  return format;
}

// What is known of the payload says it; else the operator.
Status read_media(const RuleArguments& arguments, PayloadFormat& format) {
  if (arguments.media.empty()) return ok();
  const zc_media media = ZC_TRY(parse_media(arguments.media));
  if (format.media != ZC_MEDIA_UNKNOWN && format.media != media)
    return usage_error("--media " + arguments.media + ": " + format.encoding + " is " +
                           std::string(to_string(format.media)),
                       "leave it out");
  format.media = media;
  return ok();
}

Result<PayloadFormat> choose_payload(const RuleArguments& arguments) {
  if (!arguments.payload.empty() && !arguments.encoding.empty())
    return usage_error("--payload and --encoding say the same",
                       "give one of them: --encoding for a dynamic type");
  if (!arguments.payload.empty()) return payload_by_name(arguments);
  if (!arguments.encoding.empty()) return payload_by_encoding(arguments);
  return payload_by_number(arguments);
}

Status read_payload(const RuleArguments& arguments, RuleSpec& spec) {
  spec.payload = ZC_TRY(choose_payload(arguments));
  if (spec.payload.name.size() >= sizeof(zc_options::payload_name))
    return usage_error("--encoding " + spec.payload.name + " is longer than " +
                           std::to_string(sizeof(zc_options::payload_name) - 1) + " bytes",
                       "--pt N --clock HZ goes without a name");
  ZC_TRY(read_media(arguments, spec.payload));
  if (!arguments.fmtp.empty()) ZC_TRY(check_fmtp(arguments.fmtp));
  spec.fmtp = arguments.fmtp;
  if (arguments.ptime.empty()) return ok();
  spec.ptime_us = ZC_TRY(parse_ptime(arguments.ptime));
  if (spec.payload.media != ZC_MEDIA_VIDEO) return ok();
  return usage_error(
      "--ptime says how long a packet of sound lasts (RFC 8866 6.4), and this is "
      "video",
      "leave it out");
}

// --- clock ----------------------------------------------------------------------------------

Status read_clock(const RuleArguments& arguments, RuleSpec& spec) {
  spec.clock_auto = arguments.timestamp.empty();
  spec.clock =
      spec.clock_auto ? usual_clock(spec.payload) : ZC_TRY(parse_timestamp(arguments.timestamp));
  ZC_TRY(check_clock(spec.clock, spec.payload));
  if (arguments.pcr_pid.empty()) return ok();
  spec.pcr_pid = ZC_TRY(parse_pcr_pid(arguments.pcr_pid));
  if (spec.clock.kind == ZC_TIMESTAMP_PCR) return ok();
  return usage_error("--pcr-pid goes with --timestamp pcr alone",
                     "leave it out, or send MPEG-TS: --payload MP2T");
}

// --- segment --------------------------------------------------------------------------------

// All pieces of a super-packet have one wall clock, the time of their call. Where it must be the
// time of a packet's own first sample, that is right for one of them.
Status check_clock_of_pieces(const RuleSpec& spec) {
  const PayloadFormat& format = spec.payload;
  const std::string bytes = std::to_string(spec.segment_bytes);
  if (spec.clock.kind != ZC_TIMESTAMP_WALL || !format.own_time) return ok();
  return usage_error("--segment " + bytes +
                         " with --timestamp wall: the packets of one call share "
                         "a timestamp, and each " +
                         format.encoding + " packet needs its own (RFC 3551 4.1)",
                     format.frame_bytes != 0
                         ? "leave --timestamp out: samples gives each its own"
                         : "--timestamp packet:TICKS where all packets last as long, bytes:BPS at "
                           "a constant rate; or one datagram a call, without --segment");
}

std::string nearest_multiple(uint64_t bytes, uint64_t unit) {
  const uint64_t less = bytes / unit * unit;
  return std::to_string(less > 0 ? less : unit) + " is one";
}

// A lost packet would shift the samples of all channels, and no timestamp says the time of half a
// frame.
Status check_whole_frames(uint64_t bytes, const RuleSpec& spec) {
  const PayloadFormat& format = spec.payload;
  if (format.frame_bytes == 0 || bytes % format.frame_bytes == 0) return ok();
  return usage_error("--segment " + std::to_string(bytes) + " would cut the frames of " +
                         format.name + ": it is no multiple of " +
                         std::to_string(format.frame_bytes) + " bytes",
                     nearest_multiple(bytes, format.frame_bytes));
}

Status check_whole_ts_packets(uint64_t bytes, const RuleSpec& spec, bool force) {
  if (!is_transport_stream(spec.payload) || bytes % ZC_TS_PACKET_BYTES == 0 || force) return ok();
  const bool less = bytes > ZC_TS_PACKET_BYTES;
  return usage_error(
      "--segment " + std::to_string(bytes) +
          " would cut TS packets: it is no multiple of 188 bytes",
      less ? nearest_multiple(bytes, ZC_TS_PACKET_BYTES) + "; --force takes it as it is"
           : "--force takes it as it is");
}

Status read_segment(const RuleArguments& arguments, RuleSpec& spec) {
  if (arguments.force && (arguments.segment.empty() || !is_transport_stream(spec.payload)))
    return usage_error("--force has nothing to force: it takes a --segment that cuts TS packets",
                       "leave it out, or give --payload MP2T and --segment BYTES");
  if (arguments.segment.empty()) return ok();
  spec.segment_bytes = ZC_TRY(parse_segment(arguments.segment));
  return check_pieces(spec, arguments.force);
}

// --- stream ---------------------------------------------------------------------------------

Status read_pace(const RuleArguments& arguments, RuleSpec& spec) {
  if (arguments.rate.empty()) return ok();
  spec.pace = ZC_TRY(parse_rate(arguments.rate));
  if (spec.pace.kind != ZC_PACE_PCR || spec.clock.kind == ZC_TIMESTAMP_PCR) return ok();
  return usage_error("--rate auto follows the clock of --timestamp pcr, which this rule has not",
                     "give the rate: --rate BPS");
}

constexpr uint16_t kLastPort = 65535;

// Reports say which time a timestamp is, which makes sense where timestamps are more than the time
// of leaving of nobody knows what. RTP's port is an even one, and RTCP's the next (RFC 3550 11):
// behind an odd one there may be somebody else's RTP.
zc_rtcp usual_rtcp(const RuleSpec& spec) {
  const bool meaningful = spec.clock.kind != ZC_TIMESTAMP_WALL || !spec.payload.name.empty();
  const bool pairs = spec.match.to.port % 2 == 0;
  return meaningful && pairs ? ZC_RTCP_ON : ZC_RTCP_OFF;
}

Status read_rtcp(const RuleArguments& arguments, RuleSpec& spec) {
  constexpr uint8_t kFirstOfRtcp = 64, kLastOfRtcp = 95;  // RFC 5761 4
  spec.rtcp_auto = arguments.rtcp.empty();
  spec.rtcp = spec.rtcp_auto ? usual_rtcp(spec) : ZC_TRY(parse_rtcp(arguments.rtcp));
  if (spec.rtcp == ZC_RTCP_ON && spec.match.to.port == kLastPort)
    return usage_error("--rtcp on: there is no port behind 65535 for RTCP (RFC 3550 11)",
                       "--rtcp mux takes RTP's own");
  const uint8_t type = spec.payload.payload_type;
  if (spec.rtcp == ZC_RTCP_MUX && type >= kFirstOfRtcp && type <= kLastOfRtcp)
    return usage_error("--rtcp mux: payload type " + std::to_string(type) +
                           " on one port with RTCP cannot be told from it (RFC 5761 4)",
                       "--pt 96 to 127, or --rtcp on");
  return ok();
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

// A stream that would be silent for that long between any two packets would never go on.
Status check_idle(const RuleSpec& spec) {
  constexpr uint64_t kPacketBits = 8 * 1472;  // of UDP in an Ethernet frame
  const uint64_t rate = spec.pace.bps;
  if (spec.idle_s == 0 || spec.pace.kind != ZC_PACE_RATE ||
      rate >= 2 * kPacketBits / spec.idle_s + 1)
    return ok();
  return usage_error("--idle " + std::to_string(spec.idle_s) +
                         ": at this --rate a packet may take longer, and each would begin a stream",
                     "--idle " + std::to_string(2 * kPacketBits / rate + 1) + " or more");
}

Status read_first_values(const RuleArguments& arguments, RuleSpec& spec) {
  spec.ssrc = ZC_TRY(if_given(arguments.ssrc, parse_ssrc));
  spec.first_seq = ZC_TRY(if_given(arguments.seq, parse_seq));
  spec.first_ts = ZC_TRY(if_given(arguments.ts, parse_ts));
  return ok();
}

Status read_life(const RuleArguments& arguments, RuleSpec& spec) {
  spec.idle_s = ZC_TRY(if_given(arguments.idle, parse_idle)).value_or(0);
  spec.one_stream = arguments.one_stream;
  return check_idle(spec);
}

}  // namespace

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

Result<uint32_t> parse_ssrc(const std::string& text) {
  return parse_word<uint32_t>(text, "--ssrc");
}
Result<uint16_t> parse_seq(const std::string& text) {
  return parse_word<uint16_t>(text, "--seq");
}
Result<uint32_t> parse_ts(const std::string& text) {
  return parse_word<uint32_t>(text, "--ts");
}

// ISO/IEC 13818-1 table 2-3: "0x0000, 0x0001, and 0x0010-0x1FFE are allowed to carry a PCR".
Result<uint16_t> parse_pcr_pid(const std::string& text) {
  constexpr uint64_t kLast = 0x1ffe, kFirstFree = 0x10;
  const auto pid = static_cast<uint16_t>(ZC_TRY(parse_number(text, 0, kLast, "--pcr-pid")));
  if (pid <= 1 || pid >= kFirstFree) return pid;
  return usage_error("--pcr-pid " + text + " cannot carry a PCR",
                     "0, 1 and 16 to 8190 can (ISO/IEC 13818-1 table 2-3); if it is not given, the "
                     "first one seen is taken");
}

Result<Pace> parse_rate(const std::string& text) {
  constexpr uint64_t kMin = 1'000, kMax = 1'000'000'000'000;
  if (text == "auto") return Pace{ZC_PACE_PCR, 0};
  return Pace{ZC_PACE_RATE, ZC_TRY(parse_scaled(text, kMin, kMax, "--rate"))};
}

const char* to_string(zc_rtcp rtcp) {
  switch (rtcp) {
    case ZC_RTCP_OFF:
      return "off";
    case ZC_RTCP_ON:
      return "on";
    case ZC_RTCP_MUX:
      return "mux";
  }
  return "?";
}

Result<zc_rtcp> parse_rtcp(const std::string& text) {
  for (const zc_rtcp rtcp : {ZC_RTCP_ON, ZC_RTCP_MUX, ZC_RTCP_OFF}) {
    if (text == to_string(rtcp)) return rtcp;
  }
  return usage_error("--rtcp: '" + text + "' is not one of on, mux, off");
}

Result<uint32_t> parse_idle(const std::string& text) {
  constexpr uint64_t kYear = 366ULL * 24 * 3600;
  return static_cast<uint32_t>(ZC_TRY(parse_number(text, 1, kYear, "--idle")));
}

Result<uint32_t> parse_ptime(const std::string& text) {
  constexpr uint64_t kMin = 1, kMax = 60'000'000;  // microseconds
  return static_cast<uint32_t>(ZC_TRY(parse_thousandths(text, kMin, kMax, "--ptime")));
}

// RFC 8866 9: byte-string, without what would end the line; and nothing that plays with a terminal.
Status check_fmtp(const std::string& text) {
  constexpr size_t kMax = sizeof(zc_options::fmtp) - 1;
  if (text.size() > kMax)
    return usage_error("--fmtp takes up to " + std::to_string(kMax) + " bytes, not " +
                       std::to_string(text.size()));
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f)
      return usage_error("--fmtp: control characters are not for an a=fmtp line",
                         "as in a=fmtp behind the payload type, e.g. 'stereo=1; useinbandfec=1'");
  }
  return ok();
}

Result<zc_media> parse_media(const std::string& text) {
  for (const zc_media media : {ZC_MEDIA_AUDIO, ZC_MEDIA_VIDEO}) {
    if (text == to_string(media)) return media;
  }
  return usage_error("--media: '" + text + "' is not one of audio, video");
}

Status read_stream_words(const RuleArguments& arguments, RuleSpec& spec) {
  ZC_TRY(read_payload(arguments, spec));
  ZC_TRY(read_clock(arguments, spec));
  return read_first_values(arguments, spec);
}

Status check_pieces(const RuleSpec& spec, bool force) {
  ZC_TRY(check_clock_of_pieces(spec));
  ZC_TRY(check_whole_frames(spec.segment_bytes, spec));
  return check_whole_ts_packets(spec.segment_bytes, spec, force);
}

Result<RuleSpec> parse_rule(const RuleArguments& arguments) {
  RuleSpec spec;
  spec.match = ZC_TRY(parse_match(arguments.to, arguments.from));
  ZC_TRY(read_stream_words(arguments, spec));
  ZC_TRY(read_segment(arguments, spec));
  ZC_TRY(read_pace(arguments, spec));
  ZC_TRY(read_rtcp(arguments, spec));
  ZC_TRY(read_life(arguments, spec));
  if (!arguments.checksum.empty()) spec.checksum = ZC_TRY(parse_checksum(arguments.checksum));
  return spec;
}

}  // namespace zc::core
