// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/hook.h"
#include "core/checksum.h"
#include "core/media_clock.h"
#include "out/steps.h"
#include "out/view.h"
#include "queue_view.h"
#include "rtcp_view.h"
#include "rule_json.h"
#include "target_view.h"
#include "verify_view.h"

namespace zc::out {
namespace {

using core::Run;
using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

std::string print(const Json& body) {
  Json document{{"schema", kSchema}};
  document.update(body);
  // A device's name may hold any byte but '/': what is no UTF-8 is replaced.
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json match_json(const core::Match& match) {
  return Json{{"to", match.to.text()},
              {"from", match.from ? Json(match.from->text()) : Json(nullptr)}};
}

Json chain_json(const std::vector<api::HookEntry>& chain) {
  Json json = Json::array();
  for (const api::HookEntry& entry : chain)
    json.push_back(
        Json{{"hook", api::to_string(entry.hook)},
             {"program", entry.program ? Json(entry.program) : Json(nullptr)},
             {"name", text_or_null(entry.name)},
             {"pref", entry.hook == ZC_HOOK_CLSACT ? Json(entry.preference) : Json(nullptr)}});
  return json;
}

Json device_json(const core::DeviceStatus& device) {
  Json rules = Json::array(), streams = Json::array();
  for (const api::RuleEntry& entry : device.rules) {
    Json rule = rule_json(entry.rule);
    rule["counters"] = counters_json(entry.counts);
    rule["taken_over"] = entry.continued.taken_over;
    rule["queue"] = rule_queue_json(device, entry);
    rules.push_back(rule);
  }
  for (const core::StreamStatus& entry : device.streams)
    streams.push_back(stream_json(entry));
  Json doubled = Json::array();
  for (const core::Doubled& pair : device.doubled)
    doubled.push_back(Json{{"rule", match_json(pair.match)},
                           {"other_dev", pair.other_dev},
                           {"other", match_json(pair.other)}});
  return Json{{"dev", device.dev},
              {"hook", api::to_string(static_cast<zc_hook>(device.meta.hook))},
              {"stage", text_or_null(device.stage)},
              {"queue", queue_json(device)},
              {"findings", findings_json(device.findings)},
              {"rules", rules},
              {"streams", streams},
              {"receivers", receivers_json(device.receivers)},
              {"before", chain_json(device.before)},
              {"doubled", doubled}};
}

Json pins_json(const api::PinnedDevice& pins) {
  return Json{{"netns_cookie", pins.netns_cookie},
              {"ifindex", pins.ifindex},
              {"here", pins.here},
              {"why", pins.why},
              {"target", nullptr}};
}

// With the rules that are not in force any more.
Json troubles_list(const std::vector<core::Trouble>& list) {
  Json json = Json::array();
  for (const core::Trouble& trouble : list) {
    Json one = pins_json(trouble), rules = Json::array();
    for (const zc_rule& rule : trouble.rules)
      rules.push_back(rule_json(rule));
    one["moved"] = trouble.moved;
    one["dev"] = text_or_null(trouble.dev);
    one["rules"] = rules;
    json.push_back(one);
  }
  return json;
}

Json pins_list(const std::vector<api::PinnedDevice>& list) {
  Json json = Json::array();
  for (const api::PinnedDevice& pins : list)
    json.push_back(pins_json(pins));
  return json;
}

Json family_json(const core::ProbeReport::FamilyReport& family) {
  Json instead = Json::array();
  for (const core::ChecksumChoice& choice : family.instead)
    instead.push_back(Json{{"checksum", core::to_string(choice.way)},
                           {"costs", core::cost_of(choice.way)},
                           {"warning", text_or_null(choice.warning)}});
  return Json{{"checksum", core::to_string(family.automatic.way)},
              {"reason", family.automatic.reason},
              {"costs", core::cost_of(family.automatic.way)},
              {"instead", instead}};
}

// Whether csum_start is followed to the end: by those that hand the packet on, too.
Json follows_json(api::CsumOffload csum) {
  if (csum == api::CsumOffload::kUnknown) return nullptr;
  return csum != api::CsumOffload::kParses;
}

Json probe_device_json(const core::ProbeReport::DeviceReport& about) {
  Json senders = Json::array();
  for (const api::Sender& sender : about.device.senders)
    senders.push_back(Json{{"dev", sender.dev},
                           {"driver", text_or_null(sender.driver)},
                           {"hands_on", sender.csum == api::CsumOffload::kHandsOn},
                           {"follows_csum_start", follows_json(sender.csum)}});
  return Json{{"dev", about.device.name},
              {"driver", text_or_null(about.device.driver)},
              {"mtu", about.device.mtu},
              {"tx_checksum_ipv4", about.device.tx_checksum_ipv4},
              {"tx_checksum_ipv6", about.device.tx_checksum_ipv6},
              {"scatter_gather", about.device.scatter_gather},
              {"udp_segmentation", about.device.udp_segmentation},
              {"senders", senders},
              {"hook", about.refusal.empty() ? Json(api::to_string(about.hook)) : Json(nullptr)},
              {"refusal", text_or_null(about.refusal)},
              {"many_packets_per_call", about.no_stage.empty()},
              {"no_stage", text_or_null(about.no_stage)},
              {"no_pace", text_or_null(about.no_pace)},
              {"ipv4", family_json(about.ipv4)},
              {"ipv6", family_json(about.ipv6)}};
}

class JsonView final : public View {
 public:
  std::string attach(const std::string& dev, const core::AttachReport& report,
                     Run run) const override {
    return print({{"dev", dev},
                  {"dry_run", run == Run::kDry},
                  {"hook", api::to_string(report.hook)},
                  {"steps", steps_text(report.plan)},
                  {"no_stage", text_or_null(report.no_stage)},
                  {"checksum_warning", text_or_null(report.checksum.warning)},
                  {"findings", findings_json(report.findings)},
                  {"rule", rule_json(report.rule)}});
  }
  std::string detach(const core::Plan& plan, Run run) const override {
    return print({{"dev", plan.dev}, {"dry_run", run == Run::kDry}, {"steps", steps_text(plan)}});
  }
  std::string attach(const core::TargetAttachReport& report, Run run) const override {
    return print({{"target", report.plan.target.name()},
                  {"dry_run", run == Run::kDry},
                  {"steps", steps_text(report.plan)},
                  {"rule", framed_rule_json(report.rule)}});
  }
  std::string detach(const core::TargetPlan& plan, Run run) const override {
    return print({{"target", plan.target.name()},
                  {"dry_run", run == Run::kDry},
                  {"steps", steps_text(plan)}});
  }
  std::string status(const core::HostStatus& status, Streams) const override {
    Json devices = Json::array();
    for (const core::DeviceStatus& device : status.devices)
      devices.push_back(device_json(device));
    Json targets = Json::array(), leftovers = troubles_list(status.troubles);
    for (const core::TargetStatus& target : status.targets)
      targets.push_back(target_json(target));
    for (const core::TargetTrouble& trouble : status.target_troubles)
      leftovers.push_back(trouble_json(trouble));
    return print({{"devices", devices},
                  {"targets", targets},
                  {"leftovers", leftovers},
                  {"agent", agent_json(status)}});
  }
  std::string check(const core::CheckReport& report) const override {
    const core::Match& match = report.request.match;
    const auto watched = std::chrono::duration<double>(report.request.watch).count();
    return print({{"dev", report.request.dev},
                  {"to", match.to.text()},
                  {"from", match.from ? Json(match.from->text()) : Json(nullptr)},
                  {"watched_seconds", watched},
                  {"stamped", report.stamped},
                  {"findings", findings_json(report.findings)},
                  {"notes", report.notes}});
  }
  std::string probe(const core::ProbeReport& report) const override {
    const api::Features& features = report.features;
    const Json kernel{
        {"release", features.release},        {"tcx", features.tcx},
        {"kern_ctx", features.kern_ctx},      {"table_bytes", features.table_bytes},
        {"max_rules", ZC_MAX_RULES},          {"default_streams", ZC_DEFAULT_STREAMS},
        {"max_streams", ZC_MAX_STREAMS},      {"stream_bytes", features.stream_bytes},
        {"tcp", features.no_framing.empty()}, {"no_tcp", text_or_null(features.no_framing)}};
    Json body{{"kernel", kernel}};
    body["kernel"]["pace"] = report.pacing ? Json(api::to_string(*report.pacing)) : Json(nullptr);
    if (report.device) body["device"] = probe_device_json(*report.device);
    return print(body);
  }
  std::string verify(const core::VerifyReport& report) const override {
    return print(verify_json(report));
  }
  std::string session(const core::SessionReport& report) const override {
    return print(session_json(report));
  }
  std::string clean(const core::CleanReport& report, Run run) const override {
    Json removed = troubles_list(report.removed), kept = pins_list(report.kept);
    for (const core::TargetTrouble& trouble : report.targets_removed)
      removed.push_back(trouble_json(trouble));
    for (const api::PinnedTarget& pins : report.targets_kept)
      kept.push_back(out::pins_json(pins));
    return print({{"dry_run", run == Run::kDry},
                  {"removed", removed},
                  {"kept", kept},
                  {"taken_over", pins_list(report.taken_over)},
                  {"stages", report.stages}});
  }
  std::string sdp(const core::SdpReport& report) const override {
    return print({{"sdp", report.description},
                  {"for", text_or_null(report.receiver)},
                  {"command", text_or_null(report.command)}});
  }
};

}  // namespace

std::unique_ptr<View> make_json_view() {
  return std::make_unique<JsonView>();
}

}  // namespace zc::out
