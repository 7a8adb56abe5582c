// SPDX-License-Identifier: GPL-2.0-only
#include "core/plan.h"

#include "api/hook.h"

namespace zc::core {
namespace {

using State = api::PinnedDevice::State;
using Kind = Step::Kind;

Error other_version(const std::string& dev, const api::PinnedDevice& pins) {
  return failed_error(dev + " is held by another version of zcctl: " + pins.why,
                      "detach with that version, or give its rules up: zcctl clean --force");
}

Step remove_pins(const std::string& dev, const std::string& why) {
  return {Kind::kRemovePins, "remove the program and all pins of " + dev + " (" + why + ")"};
}

std::string rule_text(const zc_rule& rule) {
  return to_match(rule.match).text();
}

// A socket that segments as it should already needs no step.
void add_socket_steps(const AttachWish& wish, Plan& plan) {
  for (const api::ForeignSocket& socket : wish.sockets) {
    if (socket.segment_bytes == wish.rule.segment_bytes) continue;
    plan.push_back({Kind::kSetSegment,
                    "set UDP_SEGMENT of " + socket.text() + " (" + socket.local.text() + " to " +
                        socket.peer.text() + ") from " + std::to_string(socket.segment_bytes) +
                        " to " + std::to_string(wish.rule.segment_bytes),
                    0, socket});
  }
}

bool lacks_stage(const AttachWish& wish, const DeviceState& state) {
  return wish.stage && state.meta.stage == 0;
}

Result<Plan> plan_replace(const AttachWish& wish, const DeviceState& state,
                          const api::RuleEntry& old) {
  Plan plan;
  if (same_options(old.rule, wish.rule)) {
    add_socket_steps(wish, plan);  // an app that came later than its rule
    // As `ip route replace`: it is as it shall be. Or will be with its stage, which was lost.
    if (wish.replace || !plan.empty() || lacks_stage(wish, state)) return plan;
    return exists_error(wish.dev + " has this rule already: " + rule_text(old.rule));
  }
  if (!wish.replace) {
    return exists_error(wish.dev + " has a rule for " + rule_text(old.rule) + " with other options",
                        "--replace changes it; its streams go on");
  }
  plan.push_back({Kind::kReplaceRule, "change the options of rule " + rule_text(old.rule), old.id});
  add_socket_steps(wish, plan);
  return plan;
}

// Before the rule: its first packet may be a super-packet.
void add_stage_step(const AttachWish& wish, const DeviceState& state, Plan& plan) {
  if (lacks_stage(wish, state))
    plan.push_back({Kind::kMakeStage, "make the stage that cuts packets of many segments"});
}

// How the wish gets along with the rules that are there: an error, the plan that changes one of
// them, or an empty plan where it is a new one.
Result<std::optional<Plan>> plan_beside(const AttachWish& wish, const DeviceState& state) {
  const Match match = to_match(wish.rule.match);
  for (const api::RuleEntry& old : state.rules) {
    const Match other = to_match(old.rule.match);
    if (other == match) return std::optional(ZC_TRY(plan_replace(wish, state, old)));
    if (overlap(match, other)) {
      return exists_error("rule " + match.text() + " would match packets of rule " + other.text() +
                              " on " + wish.dev,
                          "detach the other rule first, or tell them apart with --from");
    }
  }
  return std::optional<Plan>();
}

}  // namespace

Result<Plan> plan_attach(const AttachWish& wish, const DeviceState& state) {
  if (state.pins && state.pins->state == State::kOtherVersion)
    return other_version(wish.dev, *state.pins);
  const std::optional<Plan> change = ZC_TRY(plan_beside(wish, state));
  Plan plan;
  if (!state.live()) {
    if (state.pins) plan.push_back(remove_pins(wish.dev, "left over: " + state.pins->why));
    plan.push_back({Kind::kLoad, "load the program and pin its maps"});
  }
  add_stage_step(wish, state, plan);
  if (change) {
    plan.insert(plan.end(), change->begin(), change->end());
    return plan;
  }
  plan.push_back({Kind::kAddRule, "add rule " + to_match(wish.rule.match).text()});
  if (!state.live())
    plan.push_back({Kind::kAttach, "attach to " + std::string(api::to_string(wish.hook)) +
                                       " egress of " + wish.dev});
  add_socket_steps(wish, plan);
  return plan;
}

Result<Plan> plan_detach(const DetachWish& wish, const DeviceState& state) {
  if (state.pins && state.pins->state == State::kOtherVersion)
    return other_version(wish.dev, *state.pins);
  if (!state.pins)
    return not_found_error("no rules on " + wish.dev, "`zcctl show` lists the rules");
  if (state.pins->state == State::kLeftover)
    return Plan{remove_pins(wish.dev, "left over: " + state.pins->why)};
  if (!wish.match) return Plan{remove_pins(wish.dev, "all rules go")};
  for (const api::RuleEntry& rule : state.rules) {
    if (to_match(rule.rule.match) != *wish.match) continue;
    if (state.rules.size() == 1) return Plan{remove_pins(wish.dev, "the last rule goes")};
    return Plan{{Kind::kRemoveRule, "remove rule " + wish.match->text(), rule.id}};
  }
  return not_found_error(wish.dev + " has no rule " + wish.match->text(),
                         "`zcctl show " + wish.dev + "` lists the rules; --from is part of a rule");
}

}  // namespace zc::core
