// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include <algorithm>

#include "api/hook.h"
#include "base/printable.h"
#include "blocks.h"
#include "core/checksum.h"
#include "out/steps.h"
#include "out/view.h"
#include "queue_view.h"
#include "rtcp_view.h"
#include "rule_text.h"
#include "streams.h"
#include "target_view.h"
#include "verify_view.h"

namespace zc::out {
namespace {

using core::Run;

std::string pins_text(const api::PinnedDevice& pins) {
  const std::string place =
      pins.here ? "" : fmt::format(" in another network namespace (cookie {})", pins.netns_cookie);
  return fmt::format("pins of device index {}{}: {}", pins.ifindex, place, pins.why);
}

// The last line: what became of its packets, how often its stream was taken over, what it sends
// now.
std::string rule_block(const api::RuleEntry& entry, const core::DeviceStatus& device) {
  std::string text =
      fmt::format("  rule {}\n    {}\n    {}", core::to_match(entry.rule.match).text(),
                  options_text(entry.rule), counters_text(entry.counts));
  if (entry.continued.taken_over > 0)
    text += fmt::format(", taken over {}", entry.continued.taken_over);
  const std::string rate = rates_text(device.streams, entry.id);
  return text + (rate.empty() ? "\n" : ", rate " + rate + "\n");
}

std::string before_line(const api::HookEntry& entry) {
  return fmt::format(
      "  note: {} sees packets before zcctl does: those that it accepts or redirects leave "
      "unstamped\n",
      entry.text());
}

std::string doubled_line(const core::Doubled& doubled) {
  return fmt::format(
      "  note: rule {} matches packets of rule {} on {} too, and they pass both: detach one\n",
      doubled.match.text(), doubled.other.text(), doubled.other_dev);
}

// The rules that went with pins, or are about to, as they can be attached again.
std::string lost_lines(const core::Trouble& trouble, bool in_force = false) {
  std::string text;
  for (const zc_rule& rule : trouble.rules)
    text += fmt::format("  {}in force: zcctl attach {} {}{}\n", in_force ? "" : "not ",
                        shell_word(trouble.dev), rule_words(rule), table_words(trouble.meta));
  return text;
}

template <typename Plan>
std::string plan_text(const Plan& plan) {
  std::string text;
  for (const std::string& step : steps_text(plan))
    text += fmt::format("would {}\n", step);
  return text;
}

const char* yes_no(bool value) {
  return value ? "yes" : "no";
}

// What auto takes for a family, why, what it costs, and what else may be said.
std::string family_lines(const char* family, const core::ProbeReport::FamilyReport& report) {
  constexpr const char* kIndent = "                      ";
  const core::ChecksumChoice& taken = report.automatic;
  std::string text =
      fmt::format("  {} checksum:      {}: {}\n", family, core::to_string(taken.way), taken.reason);
  text += fmt::format("{}costs {}\n", kIndent, core::cost_of(taken.way));
  for (const core::ChecksumChoice& other : report.instead) {
    text += fmt::format("{}or --checksum {}: {}\n", kIndent, core::to_string(other.way),
                        core::cost_of(other.way));
    if (!other.warning.empty()) text += fmt::format("{}  but {}\n", kIndent, other.warning);
  }
  return text;
}

// One call, many packets: whether, how, and what it costs.
std::string many_packets_lines(const core::ProbeReport::DeviceReport& about) {
  if (!about.no_stage.empty())
    return fmt::format("  packets per call:   one: {}\n", about.no_stage);
  std::string text =
      "  packets per call:   many (UDP_SEGMENT): a stage cuts them, each is stamped and passes "
      "the\n"
      "                      device's queue by itself\n";
  if (about.device.udp_segmentation)
    text +=
        "  note: the device's own segmentation cannot help: a packet is stamped after it is cut.\n"
        "        An app that makes RTP headers itself and lets the device cut may be faster.\n";
  return text;
}

// Whether --rate can be had, and of which kind.
std::string pace_text(const core::ProbeReport& report) {
  if (report.device && !report.device->no_pace.empty()) return "no: " + report.device->no_pace;
  if (!report.pacing) return "not known: looking needs CAP_SYS_ADMIN";
  switch (*report.pacing) {
    case ZC_PACE_KIND_FQ:
      return "fq: every stream by itself, --rate auto, too";
    case ZC_PACE_KIND_HTB:
      return "htb: the streams of a rule share its rate; no --rate auto (fq is missing: sch_fq)";
    case ZC_PACE_KIND_NONE:
      break;
  }
  return "no: this kernel has neither fq (sch_fq) nor HTB (sch_htb)";
}

// On TCP the kernel copies each byte once: no way around it is known.
std::string framing_text(const api::Features& features) {
  if (!features.no_framing.empty()) return "no: " + features.no_framing;
  return "yes: frames are made in the message's memory, which costs one copy of each byte";
}

std::string device_block(const core::ProbeReport::DeviceReport& about) {
  const api::Device& device = about.device;
  std::string text = fmt::format("device {}\n", device.name);
  text +=
      fmt::format("  driver:             {}\n", device.driver.empty() ? "unknown" : device.driver);
  for (const api::Sender& sender : device.senders) {
    if (sender.dev != device.name)
      text += fmt::format("  sends through:      {} ({})\n", sender.dev, sender.driver);
  }
  text += fmt::format("  mtu:                {}\n", device.mtu);
  text += fmt::format("  tx checksum:        IPv4 {}, IPv6 {}\n", yes_no(device.tx_checksum_ipv4),
                      yes_no(device.tx_checksum_ipv6));
  text += fmt::format("  scatter-gather:     {}{}\n", yes_no(device.scatter_gather),
                      device.scatter_gather ? "" : ": every payload is copied once");
  text +=
      fmt::format("  attach would use:   {}\n",
                  about.refusal.empty() ? api::to_string(about.hook) : "nothing: " + about.refusal);
  text += family_lines("IPv4", about.ipv4);
  text += family_lines("IPv6", about.ipv6);
  text += many_packets_lines(about);
  return text;
}

// Names of devices, programs and filters are others' text, wherever they stand.
std::string printable_lines(const std::string& text) {
  std::string shown;
  for (size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    shown += printable(std::string_view(text).substr(at, end - at));
    if (end < text.size()) shown += '\n';
  }
  return shown;
}

class TextView final : public View {
 public:
  std::string attach(const std::string&, const core::AttachReport& report, Run run) const override {
    return run == Run::kDry ? printable_lines(plan_text(report.plan))
                            : "";  // as `ip` and `tc`: silent when done
  }
  std::string detach(const core::Plan& plan, Run run) const override {
    return run == Run::kDry ? printable_lines(plan_text(plan)) : "";
  }
  std::string attach(const core::TargetAttachReport& report, Run run) const override {
    return run == Run::kDry ? printable_lines(plan_text(report.plan)) : "";
  }
  std::string detach(const core::TargetPlan& plan, Run run) const override {
    return run == Run::kDry ? printable_lines(plan_text(plan)) : "";
  }
  std::string status(const core::HostStatus& status, Streams streams) const override {
    std::string text;
    for (const core::DeviceStatus& device : status.devices) {
      text += fmt::format("{}: {} egress, {}{}\n", device.dev,
                          api::to_string(static_cast<zc_hook>(device.meta.hook)),
                          device.stage.empty() ? "no stage" : "stage " + device.stage,
                          queue_text(device));
      text += findings_text(device.findings, "  ");
      text += shared_queue_line(device);
      for (const api::RuleEntry& rule : device.rules)
        text += rule_block(rule, device) + rule_queue_line(device, rule);
      text += streams_text(device.streams, streams);
      text += receivers_text(device.receivers, streams == Streams::kAll);
      for (const api::HookEntry& entry : device.before)
        text += before_line(entry);
      for (const core::Doubled& doubled : device.doubled)
        text += doubled_line(doubled);
    }
    for (const core::TargetStatus& target : status.targets)
      text += target_text(target, streams);
    for (const core::TargetTrouble& pins : status.target_troubles)
      text += fmt::format("note: {}; {}\n", out::pins_text(pins), core::pins_mend(pins)) +
              out::lost_lines(pins);
    for (const core::Trouble& pins : status.troubles)
      text += fmt::format("note: {}; {}\n", pins_text(pins), core::pins_mend(pins)) +
              lost_lines(pins, pins.moved);
    return printable_lines(text + agent_text(status));
  }
  std::string check(const core::CheckReport& report) const override {
    std::string text = findings_text(report.findings, "");
    for (const std::string& note : report.notes)
      text += fmt::format("note: {}\n", printable(note));
    if (report.findings.empty())
      text += fmt::format("nothing found; stamped {}{}\n", report.stamped,
                          report.request.watch.count() > 0 ? " while it watched" : "");
    return text;
  }
  std::string probe(const core::ProbeReport& report) const override {
    const api::Features& features = report.features;
    std::string text = fmt::format("kernel {}\n", features.release);
    text +=
        fmt::format("  tcx:                {}\n", features.tcx ? "yes" : "no: clsact will be used");
    text += fmt::format("  bpf_cast_to_kern_ctx: {}\n",
                        features.kern_ctx ? "yes" : "no: slower reads will be used");
    text += fmt::format("  tables per device:  {:.1f} MiB: {} rules, {} streams of {} bytes each\n",
                        static_cast<double>(features.table_bytes) / 1048576.0, ZC_MAX_RULES,
                        ZC_DEFAULT_STREAMS, features.stream_bytes);
    text += fmt::format("  --rate:             {}\n", pace_text(report));
    text += fmt::format("  TCP (--framing):    {}\n", framing_text(features));
    if (report.device) text += device_block(*report.device);
    return printable_lines(text);
  }
  std::string verify(const core::VerifyReport& report) const override {
    return printable_lines(verify_text(report));
  }
  std::string session(const core::SessionReport& report) const override {
    return session_text(report);
  }
  std::string clean(const core::CleanReport& report, Run run) const override {
    std::string text;
    for (const core::Trouble& pins : report.removed)
      text +=
          fmt::format("{}{}\n", run == Run::kDry ? "would remove " : "removed ", pins_text(pins)) +
          lost_lines(pins);
    for (const api::PinnedDevice& pins : report.taken_over)
      text += fmt::format("{} rules and streams of {}\n",
                          run == Run::kDry ? "would take over" : "took over", pins_text(pins));
    for (const api::PinnedDevice& pins : report.kept)
      text += fmt::format("kept {}; {}\n", pins_text(pins),
                          pins.state == api::PinnedDevice::State::kOlder ? core::pins_mend(pins)
                                                                         : "--force removes them");
    for (const core::TargetTrouble& pins : report.targets_removed)
      text += fmt::format("{}{}\n", run == Run::kDry ? "would remove " : "removed ",
                          out::pins_text(pins)) +
              out::lost_lines(pins);
    for (const api::PinnedTarget& pins : report.targets_kept)
      text += fmt::format("kept {}; --force removes them\n", out::pins_text(pins));
    for (const uint32_t ifindex : report.stages)
      text += fmt::format("{} the stage of device index {}, which no pins belong to\n",
                          run == Run::kDry ? "would remove" : "removed", ifindex);
    return printable_lines(text);
  }
  std::string sdp(const core::SdpReport& report) const override {
    return report.command.empty() ? report.description : report.command;
  }
};

}  // namespace

std::unique_ptr<View> make_text_view() {
  return std::make_unique<TextView>();
}

}  // namespace zc::out
