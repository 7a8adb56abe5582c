// SPDX-License-Identifier: GPL-2.0-only
#include "core/target_plan.h"

#include "base/printable.h"
#include "core/framed_rule.h"

namespace zc::core {
namespace {

using State = api::PinnedTarget::State;
using Why = target_step::RemovePins::Why;

Error refusal(const api::PinnedTarget& pins) {
  const std::string name = pins.target.name();
  if (pins.state == State::kDamaged)
    return failed_error("the pins of " + name + " are damaged: " + pins.why,
                        "`zcctl clean --force` ends its rules; then attach them again");
  return failed_error(name + " is held by another version of zcctl: " + pins.why,
                      "detach with that version, or give its rules up: zcctl clean --force");
}

std::string detach_hint(const api::Target& target) {
  return "detach all its rules first: zcctl detach " + shell_word(target.name()) + " --all";
}

Status check_max_streams(const WantedRule& wanted, const TargetState& state) {
  if (!state.holds_rules() || !wanted.max_streams || *wanted.max_streams == state.meta.max_streams)
    return ok();
  return exists_error("the tables of " + state.target.name() + " hold " +
                          std::to_string(state.meta.max_streams) + " streams already",
                      detach_hint(state.target));
}

void add_attach_step(const TargetState& state, TargetPlan& plan) {
  if (!state.pins || state.pins->state != State::kLive)
    plan.steps.emplace_back(target_step::Attach{});
}

void add_take_steps(const WantedRule& wanted, const TargetState& state, TargetPlan& plan) {
  for (const api::Connection& connection : wanted.connections) {
    if (!state.taken.contains(connection.cookie))
      plan.steps.emplace_back(target_step::Take{connection, wanted.rule.rule.match});
  }
}

Result<TargetPlan> plan_same_rule(const WantedRule& wanted, const TargetState& state,
                                  const api::RuleEntry& old) {
  const api::FramedRule before{old.rule, old.framing};
  const bool changes = !same_options(before, wanted.rule);
  const std::string what = to_match(old.rule.match).text();
  if (changes && !wanted.replace)
    return exists_error(
        state.target.name() + " has a rule for " + what + " with other options",
        "--replace changes it for connections that come; living ones go on as they are");
  TargetPlan plan{state.target, state.pins};
  if (changes) plan.steps.emplace_back(target_step::ReplaceRule{old.id, before, wanted.rule});
  add_attach_step(state, plan);
  add_take_steps(wanted, state, plan);  // of a process that came later than the rule
  if (wanted.replace || !plan.steps.empty()) return plan;
  return exists_error(state.target.name() + " has this rule already: " + what);
}

TargetPlan plan_new_rule(const WantedRule& wanted, const TargetState& state) {
  TargetPlan plan{state.target, state.pins};
  const bool fresh = !state.holds_rules();
  if (fresh && state.pins)
    plan.steps.emplace_back(target_step::RemovePins{*state.pins, Why::kLeftover});
  if (fresh)
    plan.steps.emplace_back(target_step::Load{wanted.max_streams.value_or(ZC_DEFAULT_STREAMS)});
  plan.steps.emplace_back(target_step::AddRule{wanted.rule});
  add_attach_step(fresh ? TargetState{state.target} : state, plan);
  add_take_steps(wanted, state, plan);
  return plan;
}

}  // namespace

Result<TargetPlan> plan_target_attach(const WantedRule& wanted, const TargetState& state) {
  if (state.pins && state.pins->must_be_forced()) return refusal(*state.pins);
  ZC_TRY(check_max_streams(wanted, state));
  const Match match = to_match(wanted.rule.rule.match);
  for (const api::RuleEntry& old : state.rules) {
    if (to_match(old.rule.match) == match) return plan_same_rule(wanted, state, old);
  }
  return plan_new_rule(wanted, state);
}

Result<TargetPlan> plan_target_detach(const UnwantedRule& unwanted, const TargetState& state) {
  const std::string name = state.target.name();
  if (!state.pins) return not_found_error("no rules on " + name, "`zcctl show` lists the rules");
  if (state.pins->must_be_forced()) return refusal(*state.pins);
  const auto remove_all = [&](Why why) {
    return TargetPlan{
        state.target, state.pins, {target_step::RemovePins{*state.pins, why, unwanted.living}}};
  };
  if (!state.holds_rules()) return remove_all(Why::kLeftover);
  if (!unwanted.match) return remove_all(Why::kAllRules);
  for (const api::RuleEntry& rule : state.rules) {
    if (to_match(rule.rule.match) != *unwanted.match) continue;
    if (state.rules.size() == 1) return remove_all(Why::kLastRule);
    return TargetPlan{state.target,
                      state.pins,
                      {target_step::RemoveRule{rule.id, rule.rule.match, unwanted.living}}};
  }
  return not_found_error(name + " has no rule " + unwanted.match->text(),
                         "`zcctl show " + shell_word(name) + "` lists the rules");
}

}  // namespace zc::core
