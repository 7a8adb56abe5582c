// SPDX-License-Identifier: GPL-2.0-only
#include "core/payload.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/number.h"

namespace zc::core {
namespace {

bool same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() && strncasecmp(one.data(), other.data(), one.size()) == 0;
}

// What is known of an encoding name.
struct Known {
  std::string_view name;
  uint32_t clock_hz;  // the only one that it may have; 0: any
  uint32_t channels;  // likewise; 0: any number
  // So many bytes a channel last so many ticks, and are not to be cut. 0: packets of one length
  // last for different times.
  uint32_t bytes, ticks;
  zc_media media;
  bool own_time;
};

// RFC 3551 4.5 and tables 1, 4 and 5, but for those: L20 and L24 RFC 3190, opus RFC 7587, MPEG
// RFC 2250. Two samples of L20 in 5 bytes: 20 bits each, packed.
constexpr std::array kKnown{
    Known{"PCMU", 0, 0, 1, 1, ZC_MEDIA_AUDIO, true},
    Known{"PCMA", 0, 0, 1, 1, ZC_MEDIA_AUDIO, true},
    Known{"L8", 0, 0, 1, 1, ZC_MEDIA_AUDIO, true},
    Known{"L16", 0, 0, 2, 1, ZC_MEDIA_AUDIO, true},
    Known{"L20", 0, 0, 5, 2, ZC_MEDIA_AUDIO, true},
    Known{"L24", 0, 0, 3, 1, ZC_MEDIA_AUDIO, true},
    Known{"G722", 8000, 0, 1, 1, ZC_MEDIA_AUDIO, true},    // 16 kHz, a clock of 8: 4.5.2
    Known{"GSM", 8000, 0, 33, 160, ZC_MEDIA_AUDIO, true},  // 4.5.8.1
    Known{"GSM-EFR", 8000, 0, 31, 160, ZC_MEDIA_AUDIO, true},
    Known{"LPC", 8000, 0, 14, 160, ZC_MEDIA_AUDIO, true},  // 4.5.9
    Known{"G728", 8000, 0, 5, 20, ZC_MEDIA_AUDIO, true},   // four vectors: 4.5.5
    Known{"G729", 8000, 0, 10, 80, ZC_MEDIA_AUDIO, true},  // 4.5.6
    Known{"G729D", 8000, 0, 8, 80, ZC_MEDIA_AUDIO, true},
    Known{"G729E", 8000, 0, 15, 80, ZC_MEDIA_AUDIO, true},
    Known{"G726-40", 8000, 0, 5, 8, ZC_MEDIA_AUDIO, true},  // 4.5.4
    Known{"G726-32", 8000, 0, 1, 2, ZC_MEDIA_AUDIO, true},
    Known{"G726-24", 8000, 0, 3, 8, ZC_MEDIA_AUDIO, true},
    Known{"G726-16", 8000, 0, 1, 4, ZC_MEDIA_AUDIO, true},
    Known{"G723", 8000, 0, 0, 0, ZC_MEDIA_AUDIO, true},   // frames of 24, 20 or 4 bytes: 4.5.3
    Known{"DVI4", 0, 0, 0, 0, ZC_MEDIA_AUDIO, true},      // four bytes of state first: 4.5.1
    Known{"QCELP", 8000, 0, 0, 0, ZC_MEDIA_AUDIO, true},  // RFC 2658
    Known{"opus", 48000, 2, 0, 0, ZC_MEDIA_AUDIO, true},  // "MUST be 48000 … MUST be 2": 7
    Known{"MPA", 90000, 1, 0, 0, ZC_MEDIA_AUDIO, true},
    Known{"MP2T", 90000, 1, 0, 0, ZC_MEDIA_VIDEO, false},
    Known{"MP2P", 90000, 1, 0, 0, ZC_MEDIA_VIDEO, false},  // "a packetized stream of bytes": 2
    Known{"MP1S", 90000, 1, 0, 0, ZC_MEDIA_VIDEO, false},
};

// Static types, RFC 3551 6.
struct Static {
  std::string_view name;
  uint8_t payload_type;
  std::string_view encoding;
  uint32_t clock_hz;
  uint32_t channels;
};
constexpr std::array kStatic{
    Static{"PCMU", 0, "PCMU", 8000, 1},         Static{"GSM", 3, "GSM", 8000, 1},
    Static{"G723", 4, "G723", 8000, 1},         Static{"DVI4/8000", 5, "DVI4", 8000, 1},
    Static{"DVI4/16000", 6, "DVI4", 16000, 1},  Static{"LPC", 7, "LPC", 8000, 1},
    Static{"PCMA", 8, "PCMA", 8000, 1},         Static{"G722", 9, "G722", 8000, 1},
    Static{"L16/44100/2", 10, "L16", 44100, 2}, Static{"L16/44100/1", 11, "L16", 44100, 1},
    Static{"QCELP", 12, "QCELP", 8000, 1},      Static{"MPA", 14, "MPA", 90000, 1},
    Static{"G728", 15, "G728", 8000, 1},        Static{"DVI4/11025", 16, "DVI4", 11025, 1},
    Static{"DVI4/22050", 17, "DVI4", 22050, 1}, Static{"G729", 18, "G729", 8000, 1},
    Static{"MP2T", 33, "MP2T", 90000, 0},
};

constexpr uint8_t kMpaHeaderBytes = 4;  // RFC 2250 3.5

// Formats that cannot be sent by who only puts a fixed header before the bytes.
struct Refused {
  std::string_view name, rfc;
  bool has_header;  // made from the bytes; else: only time and marker of each picture or frame
};
constexpr std::array kRefused{
    Refused{"H264", "RFC 6184", true},
    Refused{"H264-SVC", "RFC 6190", true},
    Refused{"H265", "RFC 7798", true},
    Refused{"H266", "RFC 9328", true},
    Refused{"HEVC", "RFC 7798, as H265", true},
    Refused{"AVC", "RFC 6184, as H264", true},
    Refused{"VP8", "RFC 7741", true},
    Refused{"VP9", "RFC 9628", true},
    Refused{"AV1", "RTP Payload Format For AV1", true},
    Refused{"AAC", "RFC 3640, as mpeg4-generic", true},
    Refused{"mpeg4-generic", "RFC 3640", true},
    Refused{"MP4A-LATM", "RFC 6416", false},
    Refused{"MP4V-ES", "RFC 6416", false},
    Refused{"JPEG", "RFC 2435", true},
    Refused{"jpeg2000", "RFC 5371", true},
    Refused{"H261", "RFC 4587", true},
    Refused{"H263", "RFC 2190", true},
    Refused{"H263-1998", "RFC 4629", true},
    Refused{"H263-2000", "RFC 4629", true},
    Refused{"MPV", "RFC 2250 3.4", true},
    Refused{"CelB", "RFC 2029", true},
    Refused{"BT656", "RFC 2431", true},
    Refused{"raw", "RFC 4175", true},
    Refused{"mpa-robust", "RFC 5219", true},
    Refused{"AC3", "RFC 4184", true},
    Refused{"EAC3", "RFC 4598", true},
    Refused{"AMR", "RFC 4867", true},
    Refused{"AMR-WB", "RFC 4867", true},
    Refused{"vorbis", "RFC 5215", true},
    Refused{"theora", "draft-barbato-avt-rtp-theora", true},
    Refused{"RED", "RFC 2198", true},
    Refused{"VDVI", "RFC 3551 4.5.16", false},
    Refused{"CN", "RFC 3389", false},
};

std::string known_names() {
  std::string names;
  for (const Static& format : kStatic)
    names += std::string(format.name) + ", ";
  return names + "L8/, L16/, L20/ and L24/RATE/CHANNELS, opus, G726-32, MP2P, MP1S";
}

const Known* find_known(std::string_view name) {
  const auto found =
      std::ranges::find_if(kKnown, [&](const Known& known) { return same_name(known.name, name); });
  return found == kKnown.end() ? nullptr : &*found;
}

PayloadFormat make_format(const Known& known, uint32_t clock_hz, uint32_t channels) {
  PayloadFormat format;
  format.payload_type = kDynamicType;
  format.dynamic = true;
  format.clock_hz = clock_hz;
  format.encoding = known.name;
  format.channels = known.media == ZC_MEDIA_AUDIO ? channels : 0;
  format.name = encoding_text(format.encoding, clock_hz, channels);
  format.own_time = known.own_time;
  format.media = known.media;
  if (known.name == "MPA") format.header_bytes = kMpaHeaderBytes;
  format.frame_bytes = known.bytes * channels;
  format.frame_ticks = known.ticks;
  return format;
}

PayloadFormat make_format(const Static& type) {
  PayloadFormat format = make_format(*find_known(type.encoding), type.clock_hz, type.channels);
  format.name = type.name;
  format.payload_type = type.payload_type;
  format.dynamic = false;
  return format;
}

Status check_not_refused(const std::string& option, const std::string& name) {
  const auto found = std::ranges::find_if(
      kRefused, [&](const Refused& each) { return same_name(each.name, name); });
  if (found == kRefused.end()) return ok();
  const std::string rfc(found->rfc);
  return usage_error(
      option + " " + name + ": " +
          (found->has_header
               ? "each packet begins with a header that is made from its bytes (" + rfc + ")"
               : "each packet needs the time and the end of its own picture or frame (" + rfc +
                     ")") +
          ", and zcctl only puts a header before them",
      "mux to MPEG-TS and send that with --payload MP2T (ffmpeg: -f mpegts), or let the "
      "application "
      "make RTP; what is a payload already: --pt 96 --clock HZ");
}

// What is known fills in what was not said, and refuses what contradicts it.
Result<PayloadFormat> complete(const Known& known, const Encoding& said,
                               const std::string& option) {
  const std::string name(known.name);
  if (!said.clock_hz && known.clock_hz == 0)
    return usage_error(option + " " + said.name + ": it needs its rate and channels",
                       "e.g. " + name + "/48000/2");
  const uint32_t clock_hz = said.clock_hz.value_or(known.clock_hz);
  if (known.clock_hz != 0 && clock_hz != known.clock_hz)
    return usage_error(option + ": the RTP clock of " + name + " is " +
                           std::to_string(known.clock_hz) + " Hz, not " + std::to_string(clock_hz),
                       "say " + encoding_text(name, known.clock_hz, known.channels));
  const uint32_t usual = known.channels == 0 ? 1 : known.channels;
  const uint32_t channels = said.channels.value_or(usual);
  if (known.channels != 0 && channels != known.channels)
    return usage_error(option + ": " + name + " is always written " +
                           encoding_text(name, known.clock_hz, known.channels),
                       "whatever it carries (RFC 7587 7 for opus)");
  return make_format(known, clock_hz, channels);
}

std::optional<PayloadFormat> static_twin(const PayloadFormat& format) {
  for (const Static& type : kStatic) {
    if (type.encoding == format.encoding && type.clock_hz == format.clock_hz &&
        type.channels == format.channels)
      return make_format(type);
  }
  return {};
}

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

}  // namespace

std::string_view to_string(zc_media media) {
  switch (media) {
    case ZC_MEDIA_AUDIO:
      return "audio";
    case ZC_MEDIA_VIDEO:
      return "video";
    case ZC_MEDIA_UNKNOWN:
      break;
  }
  return "";
}

Result<Encoding> parse_encoding(const std::string& text, const std::string& option) {
  constexpr uint64_t kMaxClockHz = 100'000'000, kMaxChannels = 255;
  const std::vector<std::string> parts = split(text);
  if (parts.size() > 3 || !is_token(parts[0]))
    return usage_error(option + ": '" + text + "' is not NAME, NAME/CLOCK or NAME/CLOCK/CHANNELS",
                       "as a=rtpmap has it, e.g. opus/48000/2 (RFC 7587) or L24/48000/2");
  Encoding encoding{parts[0], {}, {}};
  if (parts.size() > 1)
    encoding.clock_hz = static_cast<uint32_t>(
        ZC_TRY(parse_number(parts[1], 1, kMaxClockHz, option + " NAME/CLOCK")));
  if (parts.size() > 2)
    encoding.channels = static_cast<uint32_t>(
        ZC_TRY(parse_number(parts[2], 1, kMaxChannels, option + " NAME/CLOCK/CHANNELS")));
  return encoding;
}

std::string encoding_text(const std::string& name, uint32_t clock_hz, uint32_t channels) {
  return name + "/" + std::to_string(clock_hz) +
         (channels > 1 ? "/" + std::to_string(channels) : "");
}

Result<PayloadFormat> find_payload(const std::string& name) {
  for (const Static& type : kStatic) {
    if (same_name(type.name, name)) return make_format(type);
  }
  const std::string before_slash = name.substr(0, name.find('/'));
  ZC_TRY(check_not_refused("--payload", before_slash));
  const Known* known = find_known(before_slash);
  if (!known)
    return usage_error(
        "--payload: '" + name + "' is not known",
        "known: " + known_names() + "; anything else: --encoding NAME/CLOCK, or --pt N --clock HZ");
  const Encoding said = ZC_TRY(parse_encoding(name, "--payload"));
  PayloadFormat format = ZC_TRY(complete(*known, said, "--payload"));
  return static_twin(format).value_or(std::move(format));
}

Result<PayloadFormat> dynamic_payload(const std::string& text) {
  const Encoding said = ZC_TRY(parse_encoding(text, "--encoding"));
  ZC_TRY(check_not_refused("--encoding", said.name));
  if (const Known* known = find_known(said.name)) return complete(*known, said, "--encoding");
  if (!said.clock_hz)
    return usage_error("--encoding " + text + ": the RTP clock rate is missing",
                       "NAME/CLOCK or NAME/CLOCK/CHANNELS, as a=rtpmap has it");
  PayloadFormat format;
  format.payload_type = kDynamicType;
  format.dynamic = true;
  format.encoding = said.name;
  format.clock_hz = *said.clock_hz;
  format.channels = said.channels.value_or(1);
  format.name = encoding_text(format.encoding, format.clock_hz, format.channels);
  return format;
}

std::optional<PayloadFormat> find_payload(uint8_t payload_type, uint32_t clock_hz) {
  for (const Static& type : kStatic) {
    if (type.payload_type == payload_type && type.clock_hz == clock_hz) return make_format(type);
  }
  return {};
}

Result<uint8_t> parse_payload_type(const std::string& text) {
  const uint64_t type = ZC_TRY(parse_number(text, 0, 127, "--pt"));
  if (type >= 72 && type <= 76) {
    return usage_error("--pt " + text + ": receivers take payload types 72 to 76 for RTCP",
                       "dynamic types are 96 to 127 (RFC 3551 6)");
  }
  return static_cast<uint8_t>(type);
}

}  // namespace zc::core
