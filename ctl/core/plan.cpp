// SPDX-License-Identifier: GPL-2.0-only
#include "core/plan.h"

#include <set>

#include "base/printable.h"
#include "core/pace.h"
#include "core/rtcp_port.h"

namespace zc::core {
namespace {

using State = api::PinnedDevice::State;
using Why = step::RemovePins::Why;

// Why pins cannot be worked on, and what to do.
Error refusal(const std::string& dev, const api::PinnedDevice& pins) {
  if (pins.state == State::kDamaged)
    return failed_error("the pins of " + dev + " are damaged: " + pins.why,
                        "`zcctl clean --force` ends its rules; then attach them again");
  return failed_error(dev + " is held by another version of zcctl: " + pins.why,
                      "detach with that version, or give its rules up: zcctl clean --force");
}

std::string rule_text(const zc_rule& rule) {
  return to_match(rule.match).text();
}

// An empty plan, or one that begins with taking over what an older zcctl left in force.
Plan begin_plan(const std::string& dev, const DeviceState& state) {
  Plan plan{dev, state.pins};
  if (state.pins && state.pins->state == State::kOlder)
    plan.steps.emplace_back(step::TakeOver{*state.pins});
  return plan;
}

// A socket that segments as it should already needs no step.
void add_socket_steps(const ResolvedAttach& wanted, Plan& plan) {
  const uint32_t bytes = wanted.rule.options.segment_bytes;
  for (const api::ForeignSocket& socket : wanted.sockets) {
    if (socket.segment_bytes != bytes)
      plan.steps.emplace_back(step::SetSegment{socket, wanted.rule.match, bytes});
  }
}

bool lacks_stage(const ResolvedAttach& wanted, const DeviceState& state) {
  return wanted.stage && state.meta.stage == 0;
}

// Comes before the rule's step: its first packet may be a super-packet.
void add_stage_step(const ResolvedAttach& wanted, const DeviceState& state, Plan& plan) {
  if (lacks_stage(wanted, state))
    plan.steps.emplace_back(step::MakeStage{wanted.device, wanted.rule.options.segment_bytes != 0});
}

// Comes when all rules are as they shall be: from here on packets are stamped.
void add_attach_step(const ResolvedAttach& wanted, const DeviceState& state, Plan& plan) {
  if (!state.holds_rules())
    plan.steps.emplace_back(step::Attach{wanted.device, wanted.options.hook});
  else if (state.detached())
    plan.steps.emplace_back(step::Attach{wanted.device, static_cast<zc_hook>(state.meta.hook)});
}

void choose_clock_anew(const zc_options& wanted, zc_options& options) {
  options.how.timestamp = wanted.how.timestamp;
  options.ticks_whole = wanted.ticks_whole;
  options.ticks_q64 = wanted.ticks_q64;
}

// The operator left the checksum way, the clock or RTCP to zcctl, which chooses otherwise now: the
// device or zcctl itself has changed since. What the payload is in SDP's words comes with its
// clock: zcctl did not know it until 0.4.0.
bool differs_by_choice_only(const zc_rule& old, const zc_rule& wanted) {
  const int both = old.options.how.flags & wanted.options.how.flags;
  zc_rule chosen_anew = old;
  auto& how = chosen_anew.options.how;
  if (both & ZC_RULE_CHECKSUM_AUTO) how.checksum = wanted.options.how.checksum;
  if (both & ZC_RULE_TIMESTAMP_AUTO && old.options.clock_hz == wanted.options.clock_hz)
    choose_clock_anew(wanted.options, chosen_anew.options);
  if (both & ZC_RULE_RTCP_AUTO) how.rtcp = wanted.options.how.rtcp;
  if (how.media == ZC_MEDIA_UNKNOWN && chosen_anew.options.payload_name[0])
    how.media = wanted.options.how.media;
  return same_options(chosen_anew, wanted);
}

// The paced rules once `rule` has that id.
std::set<uint32_t> paced_after(const DeviceState& state, uint32_t id, const zc_rule& rule) {
  std::set<uint32_t> paced = paced_rules(state.rules);
  paced.erase(id);
  if (is_paced(rule)) paced.insert(id);
  return paced;
}

// The same rule is there: its options are as wanted, or --replace changes them.
Result<Plan> plan_same_rule(const ResolvedAttach& wanted, const DeviceState& state,
                            const api::RuleEntry& old) {
  const std::string& dev = wanted.device.name;
  const bool changes = !same_options(old.rule, wanted.rule);
  if (!wanted.replace && !differs_by_choice_only(old.rule, wanted.rule))
    return exists_error(dev + " has a rule for " + rule_text(old.rule) + " with other options",
                        "--replace changes it; its streams go on");
  Plan plan = begin_plan(dev, state);
  add_stage_step(wanted, state, plan);
  ZC_TRY(add_pace_steps(wanted.device, wanted.rule, &old, state, plan));
  if (changes) plan.steps.emplace_back(step::ReplaceRule{old.id, old.rule, wanted.rule});
  add_trim_step(paced_after(state, old.id, wanted.rule), state, plan);
  add_attach_step(wanted, state, plan);
  add_socket_steps(wanted, plan);  // an app that came later than its rule
  // Succeeds as `ip route replace`: it is as it shall be, or will be with its lost stage.
  if (wanted.replace || !plan.steps.empty()) return plan;
  return exists_error(dev + " has this rule already: " + rule_text(old.rule));
}

// Comes before the new rule: from its first packet on its port is its own.
void add_rtcp_steps(const ResolvedAttach& wanted, const DeviceState& state, Plan& plan) {
  for (const RtcpOff& change : without_rtcp(to_match(wanted.rule.match), state.rules))
    plan.steps.emplace_back(step::ReplaceRule{change.id, change.before, change.after});
}

Result<Plan> plan_new_rule(const ResolvedAttach& wanted, const DeviceState& state) {
  Plan plan = begin_plan(wanted.device.name, state);
  const bool fresh = !state.holds_rules();
  if (fresh && state.pins) plan.steps.emplace_back(step::RemovePins{*state.pins, Why::kLeftover});
  if (fresh) plan.steps.emplace_back(step::Load{wanted.device, wanted.options});
  add_stage_step(wanted, state, plan);
  add_rtcp_steps(wanted, state, plan);
  ZC_TRY(add_pace_steps(wanted.device, wanted.rule, nullptr, state, plan));
  plan.steps.emplace_back(step::AddRule{wanted.rule});
  add_trim_step(paced_after(state, next_rule_id(state.rules), wanted.rule), state, plan);
  add_attach_step(wanted, state, plan);
  add_socket_steps(wanted, plan);
  return plan;
}

}  // namespace

Result<Plan> plan_attach(const ResolvedAttach& wanted, const DeviceState& state) {
  const std::string& dev = wanted.device.name;
  if (state.pins && state.pins->must_be_forced()) return refusal(dev, *state.pins);
  const Match match = to_match(wanted.rule.match);
  for (const api::RuleEntry& old : state.rules) {
    const Match other = to_match(old.rule.match);
    if (other == match) return plan_same_rule(wanted, state, old);
    if (overlap(match, other))
      return exists_error(
          "rule " + match.text() + " would match packets of rule " + other.text() + " on " + dev,
          "detach the other rule first, or tell them apart with --from");
  }
  return plan_new_rule(wanted, state);
}

Result<Plan> plan_detach(const DetachRequest& wanted, const DeviceState& state) {
  if (!state.pins)
    return not_found_error("no rules on " + wanted.dev, "`zcctl show` lists the rules");
  if (state.pins->must_be_forced()) return refusal(wanted.dev, *state.pins);
  // Whoever made them, pins can be removed as they are.
  const auto remove_all = [&](Why why) {
    return Plan{wanted.dev, state.pins, {step::RemovePins{*state.pins, why}}};
  };
  if (state.pins->state == State::kLeftover) return remove_all(Why::kLeftover);
  if (!wanted.match) return remove_all(Why::kAllRules);
  for (const api::RuleEntry& rule : state.rules) {
    if (to_match(rule.rule.match) != *wanted.match) continue;
    if (state.rules.size() == 1) return remove_all(Why::kLastRule);
    Plan plan = begin_plan(wanted.dev, state);
    plan.steps.emplace_back(step::RemoveRule{rule.id, rule.rule.match});
    std::set<uint32_t> paced = paced_rules(state.rules);
    paced.erase(rule.id);
    add_trim_step(paced, state, plan);
    return plan;
  }
  return not_found_error(
      wanted.dev + " has no rule " + wanted.match->text(),
      "`zcctl show " + shell_word(wanted.dev) + "` lists the rules; --from is part of a rule");
}

}  // namespace zc::core
