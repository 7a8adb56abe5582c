// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "base/number.h"
#include "base/printable.h"
#include "core/checksum.h"
#include "core/framed_rule.h"
#include "core/media_clock.h"
#include "out/steps.h"
#include "rule_text.h"
#include "zc/wire/ts.h"

namespace zc::out {
namespace {

// What --payload or --encoding alone would have said of it.
zc_media known_media(const std::string& name) {
  const auto format = name.empty() ? core::find_payload(name) : core::dynamic_payload(name);
  return format ? format->media : ZC_MEDIA_UNKNOWN;
}

std::string payload_words(const zc_options& options) {
  const std::string name = options.payload_name;
  const auto type = options.how.payload_type;
  const auto known = core::find_payload(type, options.clock_hz);
  if (known && known->name == name) return " --payload " + name;
  std::string words;
  if (name.empty())
    words = fmt::format(" --pt {} --clock {}", type, options.clock_hz);
  else
    words = " --encoding " + shell_word(name) +
            (type == core::kDynamicType ? "" : fmt::format(" --pt {}", type));
  const auto media = static_cast<zc_media>(options.how.media);
  const zc_media usual = name.empty() && known ? known->media : known_media(name);
  if (media != ZC_MEDIA_UNKNOWN && media != usual)
    words += fmt::format(" --media {}", core::to_string(media));
  return words;
}

std::string clock_words(const zc_options& options) {
  std::string words;
  if (!(options.how.flags & ZC_RULE_TIMESTAMP_AUTO))
    words += " --timestamp " + core::timestamp_text(options);
  if (options.pcr_pid != ZC_NO_PID) words += fmt::format(" --pcr-pid {}", options.pcr_pid);
  return words;
}

std::string first_words(const zc_options& options) {
  const int flags = options.how.flags;
  std::string words;
  if (flags & ZC_RULE_FIXED_SSRC) words += fmt::format(" --ssrc {}", options.first_ssrc);
  if (flags & ZC_RULE_FIXED_SEQ) words += fmt::format(" --seq {}", options.first_seq);
  if (flags & ZC_RULE_FIXED_TS) words += fmt::format(" --ts {}", options.first_ts);
  return words;
}

std::string stream_words(const zc_options& options) {
  const int flags = options.how.flags;
  std::string words;
  if (options.how.pace != ZC_PACE_NONE) words += " --rate " + rate_text(options);
  if (!(flags & ZC_RULE_RTCP_AUTO))
    words += fmt::format(" --rtcp {}", core::to_string(static_cast<zc_rtcp>(options.how.rtcp)));
  if (options.idle_s) words += fmt::format(" --idle {}", options.idle_s);
  if (flags & ZC_RULE_CONTINUE) words += " --continue";
  if (options.fmtp[0]) words += " --fmtp " + shell_word(options.fmtp);
  if (options.ptime_us) words += " --ptime " + thousandths_text(options.ptime_us);
  return words;
}

std::string automatic(int flags, int flag) {
  return flags & flag ? " (auto)" : "";
}

std::string payload_text(const zc_options& options) {
  return fmt::format("{} pt {} clock {}",
                     options.payload_name[0] ? options.payload_name : "payload",
                     options.how.payload_type, options.clock_hz);
}

std::string clock_text(const zc_options& options) {
  std::string text =
      core::timestamp_text(options) + automatic(options.how.flags, ZC_RULE_TIMESTAMP_AUTO);
  if (options.pcr_pid != ZC_NO_PID) text += fmt::format(" of PID {}", options.pcr_pid);
  return text;
}

}  // namespace

std::string rate_text(const zc_options& options) {
  return options.how.pace == ZC_PACE_PCR ? "auto" : std::to_string(options.rate_bps);
}

std::string rule_words(const zc_rule& rule) {
  const core::Match match = core::to_match(rule.match);
  const zc_options& options = rule.options;
  std::string words = "--to " + match.to.text();
  if (match.from) words += " --from " + match.from->text();
  words += payload_words(options) + clock_words(options);
  if (!(options.how.flags & ZC_RULE_CHECKSUM_AUTO))
    words += fmt::format(" --checksum {}",
                         core::to_string(static_cast<zc_checksum>(options.how.checksum)));
  if (options.segment_bytes) words += fmt::format(" --segment {}", options.segment_bytes);
  if (core::is_transport_stream(rule) && options.segment_bytes % ZC_TS_PACKET_BYTES != 0)
    words += " --force";
  return words + first_words(options) + stream_words(options);
}

namespace {

std::string framing_words(const api::FramedRule& rule) {
  const zc_framing& framing = rule.framing;
  std::string words = fmt::format(" --framing {} --segment {}{}", core::framing_text(framing),
                                  framing.bytes, core::needs_force(rule) ? " --force" : "");
  if (framing.frame_end != ZC_FRAME_END_CALL) words += " --frame-end never";
  if (framing.skip != ZC_SKIP_NONE) words += " --skip " + core::skip_text(framing);
  return words;
}

}  // namespace

std::string rule_words(const api::FramedRule& rule) {
  const core::Match match = core::to_match(rule.rule.match);
  const zc_options& options = rule.rule.options;
  std::string words =
      match.is_local_port() ? "--from " + match.from_text() : "--to " + match.to_text();
  words += framing_words(rule) + payload_words(options) + clock_words(options);
  words += first_words(options);
  if (options.fmtp[0]) words += " --fmtp " + shell_word(options.fmtp);
  if (options.ptime_us) words += " --ptime " + thousandths_text(options.ptime_us);
  return words;
}

std::string options_text(const api::FramedRule& rule) {
  const zc_options& options = rule.rule.options;
  std::string text = payload_text(options) + ", timestamp " + clock_text(options);
  text +=
      fmt::format(", {} frames of {} bytes", core::framing_text(rule.framing), rule.framing.bytes);
  if (rule.framing.frame_end != ZC_FRAME_END_CALL) text += ", frame-end never";
  if (rule.framing.skip != ZC_SKIP_NONE) text += ", skip " + core::skip_text(rule.framing);
  if (options.ptime_us) text += fmt::format(", ptime {} ms", thousandths_text(options.ptime_us));
  if (options.fmtp[0]) text += fmt::format(", fmtp {}", options.fmtp);
  return text;
}

std::string options_text(const zc_rule& rule) {
  const zc_options& options = rule.options;
  const auto& how = options.how;
  std::string text = payload_text(options) + ", timestamp " + clock_text(options);
  text += fmt::format(", checksum {}{}", core::to_string(static_cast<zc_checksum>(how.checksum)),
                      automatic(how.flags, ZC_RULE_CHECKSUM_AUTO));
  if (options.segment_bytes) text += fmt::format(", segment {}", options.segment_bytes);
  if (how.pace != ZC_PACE_NONE) text += ", rate " + rate_text(options);
  text += fmt::format(", rtcp {}{}", core::to_string(static_cast<zc_rtcp>(how.rtcp)),
                      automatic(how.flags, ZC_RULE_RTCP_AUTO));
  if (options.idle_s) text += fmt::format(", idle {} s", options.idle_s);
  if (how.flags & ZC_RULE_CONTINUE) text += ", one stream (--continue)";
  if (options.ptime_us) text += fmt::format(", ptime {} ms", thousandths_text(options.ptime_us));
  if (options.fmtp[0]) text += fmt::format(", fmtp {}", options.fmtp);
  return text;
}

}  // namespace zc::out
