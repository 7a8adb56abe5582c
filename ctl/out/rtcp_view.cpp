// SPDX-License-Identifier: GPL-2.0-only
#include "rtcp_view.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace zc::out {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kWorstReceivers = 10;

Endpoint address_of(const api::ReceiverStatus& receiver) {
  Endpoint endpoint;
  endpoint.family = receiver.key.family == ZC_IPV4 ? Family::kIpv4 : Family::kIpv6;
  std::memcpy(endpoint.address.data(), receiver.key.address, sizeof(receiver.key.address));
  endpoint.port = ntohs(receiver.value.port);
  return endpoint;
}

double percent_of(uint32_t fraction) {
  return fraction * 100.0 / 256;
}

double ms_of(uint32_t us) {
  return us / 1000.0;
}

// Those that lose most come first; where none does, those that lost most.
bool is_worse(const api::ReceiverStatus* one, const api::ReceiverStatus* other) {
  if (one->value.fraction != other->value.fraction)
    return one->value.fraction > other->value.fraction;
  if (one->value.lost != other->value.lost) return one->value.lost > other->value.lost;
  return std::memcmp(&one->key, &other->key, sizeof(one->key)) < 0;
}

std::string line(const api::ReceiverStatus& receiver) {
  const zc_receiver& value = receiver.value;
  const std::string round_trip = value.round_trip_us == ZC_NO_ROUND_TRIP
                                     ? "not known"
                                     : fmt::format("{:.1f} ms", ms_of(value.round_trip_us));
  return fmt::format(
      "  receiver {} of ssrc 0x{:08x}: lost {:.1f} %, {} in all, jitter {:.3f} ms, round trip {}, "
      "{:.1f} s ago\n",
      address_of(receiver).text(), receiver.key.ssrc, percent_of(value.fraction), value.lost,
      ms_of(value.jitter_us), round_trip, static_cast<double>(receiver.silent_ms) / 1000);
}

// "3 malformed (2 length, 1 version)": what begins with a name and "_" belongs to it.
std::string figure_text(const std::map<std::string, uint64_t>& figures, const std::string& name,
                        const std::string& words) {
  const auto found = figures.find(name);
  if (found == figures.end() || found->second == 0) return "";
  std::string parts;
  for (const auto& [other, value] : figures) {
    if (other.starts_with(name + "_"))
      parts +=
          fmt::format("{}{} {}", parts.empty() ? "" : ", ", value, other.substr(name.size() + 1));
  }
  return fmt::format("{} {}{}, ", found->second, words, parts.empty() ? "" : " (" + parts + ")");
}

std::string what_went_wrong(const std::map<std::string, uint64_t>& figures) {
  std::string text = figure_text(figures, "send_errors", "reports not sent") +
                     figure_text(figures, "malformed", "malformed packets") +
                     figure_text(figures, "unknown_stream", "reports of no stream here") +
                     figure_text(figures, "wrong_source", "reports not from the destination") +
                     figure_text(figures, "receivers_full", "reports of too many receivers") +
                     figure_text(figures, "unpaced", "streams faster than their clock");
  if (!text.empty()) text.resize(text.size() - 2);
  return text;
}

size_t reported_rules(const core::HostStatus& status) {
  size_t rules = 0;
  for (const core::DeviceStatus& device : status.devices)
    rules += static_cast<size_t>(std::ranges::count_if(device.rules, [](const auto& entry) {
      return entry.rule.options.how.rtcp != ZC_RTCP_OFF;
    }));
  return rules;
}

}  // namespace

std::string receivers_text(const std::vector<api::ReceiverStatus>& receivers, bool all) {
  std::vector<const api::ReceiverStatus*> worst;
  worst.reserve(receivers.size());
  for (const api::ReceiverStatus& receiver : receivers)
    worst.push_back(&receiver);
  const size_t shown = all ? worst.size() : std::min(worst.size(), kWorstReceivers);
  std::partial_sort(worst.begin(), worst.begin() + static_cast<ptrdiff_t>(shown), worst.end(),
                    is_worse);
  std::string text;
  for (size_t i = 0; i < shown; i++)
    text += line(*worst[i]);
  if (shown < worst.size())
    text += fmt::format("  ... and {} receivers that lose less: `show --all` lists them\n",
                        worst.size() - shown);
  return text;
}

Json receivers_json(const std::vector<api::ReceiverStatus>& receivers) {
  Json json = Json::array();
  for (const api::ReceiverStatus& receiver : receivers) {
    const zc_receiver& value = receiver.value;
    const bool known = value.round_trip_us != ZC_NO_ROUND_TRIP;
    json.push_back(Json{{"address", address_of(receiver).text()},
                        {"ssrc", fmt::format("0x{:08x}", receiver.key.reporter)},
                        {"stream", fmt::format("0x{:08x}", receiver.key.ssrc)},
                        {"reports", value.reports},
                        {"fraction_lost", value.fraction / 256.0},
                        {"lost", value.lost},
                        {"highest_seq", value.highest},
                        {"jitter_ms", ms_of(value.jitter_us)},
                        {"round_trip_ms", known ? Json(ms_of(value.round_trip_us)) : Json(nullptr)},
                        {"age_s", static_cast<double>(receiver.silent_ms) / 1000}});
  }
  return json;
}

std::string agent_text(const core::HostStatus& status) {
  if (!status.agent) {
    const size_t rules = reported_rules(status);
    if (rules == 0) return "";
    return fmt::format(
        "note: no agent runs: {} {} no sender reports (RTCP); `zcctl agent` sends them\n", rules,
        rules == 1 ? "rule has" : "rules have");
  }
  const auto& figures = status.agent->figures;
  const std::string who =
      status.agent->pid == 0 ? "agent" : fmt::format("agent: process {}", status.agent->pid);
  if (figures.empty()) return who + ", which does not answer\n";
  const auto figure = [&](const char* name) {
    const auto found = figures.find(name);
    return found == figures.end() ? 0 : found->second;
  };
  std::string text = fmt::format(
      "{}: {} streams, {} sender reports, {} BYE; {} reports of {} "
      "receivers\n",
      who, figure("streams"), figure("sr"), figure("bye"), figure("reports"), figure("receivers"));
  const std::string wrong = what_went_wrong(figures);
  return wrong.empty() ? text : text + "  " + wrong + "\n";
}

Json agent_json(const core::HostStatus& status) {
  if (!status.agent) return nullptr;
  Json figures = Json::object();
  for (const auto& [name, value] : status.agent->figures)
    figures[name] = value;
  const uint32_t pid = status.agent->pid;
  return Json{{"pid", pid == 0 ? Json(nullptr) : Json(pid)}, {"figures", figures}};
}

}  // namespace zc::out
