// SPDX-License-Identifier: GPL-2.0-only
#include "core/pace.h"

#include <algorithm>

#include "core/stage.h"

namespace zc::core {
namespace {

const api::PaceClass* find_class(const DeviceState& state, uint32_t id) {
  if (!state.paces()) return nullptr;
  const auto found = std::ranges::find(state.pace->classes, id, &api::PaceClass::rule);
  return found == state.pace->classes.end() ? nullptr : &*found;
}

// Departure times are made with the rule's rate, packet by packet: there is nothing to set.
bool has_classes(const DeviceState& state) {
  return !state.paces() || state.pace->kind == ZC_PACE_KIND_HTB;
}

// HTB counts whole bytes a second.
bool has_rate(const api::PaceClass& set, const zc_rule& rule) {
  const uint64_t wanted = rule.options.rate_bps;
  return set.rate_bps > wanted ? set.rate_bps - wanted < 8 : wanted - set.rate_bps < 8;
}

}  // namespace

bool is_paced(const zc_rule& rule) {
  return rule.options.how.pace != ZC_PACE_NONE;
}

std::set<uint32_t> paced_rules(const std::vector<api::RuleEntry>& rules) {
  std::set<uint32_t> ids;
  for (const api::RuleEntry& entry : rules) {
    if (is_paced(entry.rule)) ids.insert(entry.id);
  }
  return ids;
}

uint32_t next_rule_id(const std::vector<api::RuleEntry>& rules) {
  std::set<uint32_t> used;
  for (const api::RuleEntry& entry : rules)
    used.insert(entry.id);
  uint32_t id = 0;
  while (used.contains(id))
    id++;
  return id;
}

bool paces_as_said(const api::PaceQueue& queue, const api::RuleEntry& entry) {
  if (queue.kind != ZC_PACE_KIND_HTB) return true;
  const auto found = std::ranges::find(queue.classes, entry.id, &api::PaceClass::rule);
  return found != queue.classes.end() && has_rate(*found, entry.rule);
}

Status check_pace(const api::Device& device) {
  Status possible = check_macvlan(device, "does the pacing");
  if (possible) return possible;
  return std::move(possible).error().in("packets cannot be paced on " + device.name);
}

Status check_pace_kind(zc_pace_kind kind, bool departures) {
  if (kind == ZC_PACE_KIND_NONE) return api::no_pace_kind_error();
  if (kind == ZC_PACE_KIND_HTB && departures)
    return unsupported_error(
        "--rate auto needs a queue that keeps departure times, fq, which this kernel does not have",
        "give the rate of the stream: --rate BPS; or load sch_fq (CONFIG_NET_SCH_FQ)");
  return ok();
}

Status add_pace_steps(const api::Device& device, const zc_rule& rule, const api::RuleEntry* before,
                      const DeviceState& state, Plan& plan) {
  const uint32_t own_id = before ? before->id : next_rule_id(state.rules);
  std::vector<api::RuleEntry> paced;
  for (const api::RuleEntry& entry : state.rules) {
    if (entry.id != own_id && is_paced(entry.rule)) paced.push_back(entry);
  }
  if (is_paced(rule)) paced.push_back({own_id, rule});
  const bool departures = std::ranges::any_of(
      paced, [](auto& entry) { return entry.rule.options.how.pace == ZC_PACE_PCR; });
  if (departures && state.paces() && state.pace->kind == ZC_PACE_KIND_HTB)
    return unsupported_error(
        "--rate auto needs a queue that keeps departure times, and that of " + device.name +
            " is HTB",
        "detach its rules with --rate first, where the kernel has sch_fq by now");
  if (!paced.empty() && !state.paces()) plan.steps.emplace_back(step::MakePace{device, departures});
  if (!has_classes(state)) return ok();
  for (const api::RuleEntry& entry : paced) {
    const api::PaceClass* set = find_class(state, entry.id);
    if (set && has_rate(*set, entry.rule)) continue;
    plan.steps.emplace_back(step::SetRate{device.ifindex, entry.id, entry.rule});
  }
  return ok();
}

void add_trim_step(const std::set<uint32_t>& paced, const DeviceState& state, Plan& plan) {
  if (!state.pace) return;
  const auto lost = [&](const api::PaceClass& each) { return !paced.contains(each.rule); };
  if (paced.empty() || std::ranges::any_of(state.pace->classes, lost))
    plan.steps.emplace_back(step::TrimPace{paced.empty()});
}

Status settle_pace(api::Session& session, const api::PinnedDevice& pins, api::Tables& tables) {
  const std::vector<api::RuleEntry> rules = ZC_TRY(tables.rules());
  ZC_TRY(session.trim_pace(pins, paced_rules(rules)));
  const std::optional<api::PaceQueue> queue = ZC_TRY(session.pace_queue(pins.ifindex));
  if (!queue || !queue->works) return ok();
  for (const api::RuleEntry& entry : rules) {
    if (is_paced(entry.rule) && !paces_as_said(*queue, entry))
      ZC_TRY(session.set_rate(pins.ifindex, entry.id, entry.rule));
  }
  return ok();
}

}  // namespace zc::core
