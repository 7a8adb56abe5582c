// SPDX-License-Identifier: GPL-2.0-only
#include "core/receiver.h"

#include <algorithm>
#include <array>

namespace zc::core {
namespace {

// A session description as a shell's here-document. Readers shall take bare line feeds (RFC 8866
// 5), and nobody pastes a carriage return.
std::string here_document(const Session& session) {
  std::string text = " <<'EOF'\n";
  for (const std::string& line : sdp_lines(session))
    text += line + "\n";
  return text + "EOF\n";
}

// `-i -` is a pipe before ffmpeg 6 and fd: from then on, and each has to be allowed by its name.
std::string ffplay(const Session& session) {
  return "ffplay -protocol_whitelist pipe,udp,rtp -f sdp -i pipe:0" + here_document(session);
}

// --- GStreamer ------------------------------------------------------------------------------

struct Depayloader {
  std::string_view encoding, element;
};
constexpr std::array kDepayloaders{
    Depayloader{"MP2T", "rtpmp2tdepay"},    Depayloader{"MP1S", "rtpmp1sdepay"},
    Depayloader{"PCMU", "rtppcmudepay"},    Depayloader{"PCMA", "rtppcmadepay"},
    Depayloader{"L8", "rtpL8depay"},        Depayloader{"L16", "rtpL16depay"},
    Depayloader{"L24", "rtpL24depay"},      Depayloader{"GSM", "rtpgsmdepay"},
    Depayloader{"G722", "rtpg722depay"},    Depayloader{"G723", "rtpg723depay"},
    Depayloader{"G729", "rtpg729depay"},    Depayloader{"G726-16", "rtpg726depay"},
    Depayloader{"G726-24", "rtpg726depay"}, Depayloader{"G726-32", "rtpg726depay"},
    Depayloader{"G726-40", "rtpg726depay"}, Depayloader{"QCELP", "rtpqcelpdepay"},
    Depayloader{"MPA", "rtpmpadepay"},      Depayloader{"opus", "rtpopusdepay"},
};

// What takes the payload out; decodebin finds one for others, if there is one.
std::string depayload(const PayloadFormat& payload) {
  const auto found = std::ranges::find(kDepayloaders, payload.encoding, &Depayloader::encoding);
  return found == kDepayloaders.end() ? "" : std::string(found->element) + " ! ";
}

std::string gst_show(const Session& session) {
  const std::string sound = "audioconvert ! audioresample ! autoaudiosink";
  const std::string picture = "videoconvert ! autovideosink";
  std::string show = "decodebin ! " + sound;
  if (session.payload.media == ZC_MEDIA_VIDEO) show = "decodebin ! " + picture;
  if (is_transport_stream(session.payload))
    show = "decodebin name=ts ts. ! queue ! " + picture + " ts. ! queue ! " + sound;
  return depayload(session.payload) + show;
}

std::string gst(const Session& session) {
  return "gst-launch-1.0 fdsrc fd=0 ! sdpdemux ! " + gst_show(session) + here_document(session);
}

// rtpstreamdepay reads RFC 4571, and is told the rest in capabilities.
std::string gst_of_tcp(const Session& session) {
  const PayloadFormat& payload = session.payload;
  const zc_options& options = session.rule.options;
  const bool passive = session.carrier == Carrier::kTcpPassive;
  const Endpoint to = destination_of(session.rule.match);
  const uint16_t port = passive ? to_match(session.rule.match).from->port : to.port;
  std::string text = "gst-launch-1.0 ";
  text += passive ? "tcpclientsrc host=" + session.source.address_text()
                  : "tcpserversrc host=" + to.address_text();
  text += " port=" + std::to_string(port);
  text += " ! 'application/x-rtp-stream,media=(string)";
  text += to_string(payload.media);
  text += ",payload=(int)" + std::to_string(options.how.payload_type);
  text += ",clock-rate=(int)" + std::to_string(options.clock_hz);
  text += ",encoding-name=(string)" + payload.encoding;
  return text + "' ! rtpstreamdepay ! " + gst_show(session) + "\n";
}

// --- VLC ------------------------------------------------------------------------------------

// Types that VLC's rtp:// knows by themselves (modules/access/rtp); of others it says "SDP
// required".
bool vlc_knows(uint8_t payload_type) {
  constexpr std::array<uint8_t, 8> kKnown{0, 3, 8, 10, 11, 12, 14, 33};
  return std::ranges::find(kKnown, payload_type) != kKnown.end();
}

// "rtp://SOURCE@GROUP:PORT": what is before the @ is the sender that is listened to, what is behind
// it where; a receiver's own address may be left out, and is, since it may be NAT's.
std::string vlc_url(const Session& session) {
  const Endpoint to = destination_of(session.rule.match);
  if (!to.is_multicast())
    return std::string("rtp://@") + (to.family == Family::kIpv6 ? "[::]" : "") + ":" +
           std::to_string(to.port);
  const auto from = source_of_group(session.rule);
  std::string source = from ? from->address_text() : "";
  if (from && from->family == Family::kIpv6) source = "[" + source + "]";
  return "rtp://" + source + "@" + to.text();
}

std::string vlc(const Session& session) {
  if (vlc_knows(session.rule.options.how.payload_type)) return "vlc " + vlc_url(session) + "\n";
  const std::string file =
      "zcctl-" + std::to_string(destination_of(session.rule.match).port) + ".sdp";
  return "cat >" + file + here_document(session) + "vlc " + file + "\n";
}

// --- MediaMTX -------------------------------------------------------------------------------

// docs/2-publish of MediaMTX: "source: udp+rtp://238.0.0.1:1234", with `source` as a parameter, and
// the description in rtpSDP.
std::string mediamtx(const Session& session) {
  const Endpoint to = destination_of(session.rule.match);
  const auto from = source_of_group(session.rule);
  std::string text = "paths:\n  zcctl:\n    source: udp+rtp://" + to.text() +
                     (from ? "?source=" + from->address_text() : "") + "\n    rtpSDP: |\n";
  for (const std::string& line : sdp_lines(session))
    text += "      " + line + "\n";
  return text;
}

}  // namespace

const char* to_string(Receiver receiver) {
  switch (receiver) {
    case Receiver::kFfplay:
      return "ffplay";
    case Receiver::kGst:
      return "gst";
    case Receiver::kVlc:
      return "vlc";
    case Receiver::kMediamtx:
      return "mediamtx";
  }
  return "?";
}

Result<Receiver> parse_receiver(const std::string& text) {
  for (const Receiver receiver :
       {Receiver::kFfplay, Receiver::kGst, Receiver::kVlc, Receiver::kMediamtx}) {
    if (text == to_string(receiver)) return receiver;
  }
  return usage_error("--for: '" + text + "' is not one of ffplay, gst, vlc, mediamtx");
}

Result<std::string> receiver_command(Receiver receiver, const Session& session) {
  if (session.carrier != Carrier::kUdp) {
    if (receiver == Receiver::kGst) return gst_of_tcp(session);
    return unsupported_error(
        std::string(to_string(receiver)) + " takes no RTP over TCP without RTSP (RFC 4571)",
        "--for gst");
  }
  switch (receiver) {
    case Receiver::kFfplay:
      return ffplay(session);
    case Receiver::kGst:
      return gst(session);
    case Receiver::kVlc:
      return vlc(session);
    case Receiver::kMediamtx:
      return mediamtx(session);
  }
  return std::string();
}

}  // namespace zc::core
