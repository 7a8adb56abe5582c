// SPDX-License-Identifier: GPL-2.0-only
#include "rule_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/checksum.h"
#include "core/media_clock.h"
#include "core/rule.h"

namespace zc::out {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

namespace {

template <typename Number>
Json number_or_null(Number number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

// "auto", or bits of payload a second.
Json rate_json(const zc_options& options) {
  if (options.how.pace == ZC_PACE_PCR) return "auto";
  return number_or_null(options.rate_bps);
}

// What the rule says of its streams and to SDP.
Json stream_options_json(const zc_options& options) {
  const auto& how = options.how;
  return Json{
      {"rate", rate_json(options)},
      {"rtcp", core::to_string(static_cast<zc_rtcp>(how.rtcp))},
      {"rtcp_auto", (how.flags & ZC_RULE_RTCP_AUTO) != 0},
      {"idle", number_or_null(options.idle_s)},
      {"continue", (how.flags & ZC_RULE_CONTINUE) != 0},
      {"media", text_or_null(std::string(core::to_string(static_cast<zc_media>(how.media))))},
      {"fmtp", text_or_null(options.fmtp)},
      {"ptime", options.ptime_us ? Json(options.ptime_us / 1000.0) : Json(nullptr)}};
}

// Null where the stream's clock follows no PCRs, or has seen none yet.
Json clock_json(const zc_clock& clock) {
  if (!(clock.flags & ZC_CLOCK_BEGUN)) return nullptr;
  return Json{{"pid", clock.pid},
              {"locked", (clock.flags & ZC_CLOCK_LOCKED) != 0},
              {"steady", (clock.flags & ZC_CLOCK_STEADY) != 0}};
}

// Null on TCP, whose checksum is the kernel's.
Json checksum_json(const zc_options& options) {
  if (options.how.checksum == 0) return nullptr;
  return core::to_string(static_cast<zc_checksum>(options.how.checksum));
}

}  // namespace

Json counters_json(const zc_counts& counts) {
  Json json;
#define ZC_COUNTER_JSON(name, meaning) json[#name] = counts.packets[ZC_VERDICT_##name];
  ZC_COUNTERS(ZC_COUNTER_JSON)
#undef ZC_COUNTER_JSON
  return json;
}

Json rule_json(const zc_rule& rule) {
  const core::Match match = core::to_match(rule.match);
  const zc_options& options = rule.options;
  Json json{{"to", text_or_null(match.to_text())},
            {"from", text_or_null(match.from_text())},
            {"payload", text_or_null(options.payload_name)},
            {"pt", options.how.payload_type},
            {"clock", options.clock_hz},
            {"timestamp", core::timestamp_text(options)},
            {"timestamp_auto", (options.how.flags & ZC_RULE_TIMESTAMP_AUTO) != 0},
            {"pcr_pid", options.pcr_pid == ZC_NO_PID ? Json(nullptr) : Json(options.pcr_pid)},
            {"checksum", checksum_json(options)},
            {"checksum_auto", (options.how.flags & ZC_RULE_CHECKSUM_AUTO) != 0},
            {"segment", number_or_null(options.segment_bytes)}};
  json.update(stream_options_json(options));
  return json;
}

Json stream_json(const core::StreamStatus& entry) {
  const zc_stream& stream = entry.stream;
  return Json{
      {"from", core::source_of(entry.flow).text()},
      {"to", core::destination_of(entry.flow).text()},
      {"ssrc", fmt::format("0x{:08x}", stream.ssrc)},
      {"seq", static_cast<uint16_t>(stream.next_seq - 1)},
      {"ts", stream.last_ts},
      {"packets", stream.next_seq - stream.first_seq},
      {"octets", stream.octets},
      {"age_s", entry.age_ns ? Json(static_cast<double>(*entry.age_ns) / 1e9) : Json(nullptr)},
      {"rate_bps", entry.rate_bps ? Json(*entry.rate_bps) : Json(nullptr)},
      {"pcr", clock_json(entry.clock)}};
}

Json findings_json(const core::Findings& findings) {
  Json json = Json::array();
  for (const core::Finding& finding : findings)
    json.push_back(
        Json{{"id", finding.id}, {"text", finding.text}, {"mend", text_or_null(finding.mend)}});
  return json;
}

}  // namespace zc::out
