// SPDX-License-Identifier: GPL-2.0-only
// The steps that lead from a target's rules to those that are wanted. Pure; beside core/plan.h,
// which is about devices.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "api/target.h"
#include "base/result.h"
#include "core/plan.h"
#include "core/rule.h"

namespace zc::core {

namespace target_step {

struct RemovePins {
  using Why = step::RemovePins::Why;
  api::PinnedTarget pins;
  Why why = Why::kLeftover;
  api::Living living = api::Living::kStayFramed;
};
// Loads and pins programs and maps.
struct Load {
  uint32_t max_streams = ZC_DEFAULT_STREAMS;
};
struct AddRule {
  api::FramedRule rule;
};
struct ReplaceRule {
  uint32_t id = 0;
  api::FramedRule before, after;
};
struct RemoveRule {
  uint32_t id = 0;
  zc_flow match{};
  api::Living living = api::Living::kStayFramed;
};
// From here on connections that come are framed.
struct Attach {};
// Frames a living connection.
struct Take {
  api::Connection connection;
  zc_flow rule{};
};

}  // namespace target_step

using TargetStep = std::variant<target_step::RemovePins, target_step::Load, target_step::AddRule,
                                target_step::ReplaceRule, target_step::RemoveRule,
                                target_step::Attach, target_step::Take>;

struct TargetPlan {
  api::Target target;
  std::optional<api::PinnedTarget> pins{};  // as they were when it was made
  std::vector<TargetStep> steps{};
};

// What is there for one target.
struct TargetState {
  api::Target target;
  std::optional<api::PinnedTarget> pins{};
  zc_meta meta{};  // these two of pins that hold rules only
  std::vector<api::RuleEntry> rules{};
  std::set<uint64_t> taken{};  // cookies of sockets that are framed

  bool holds_rules() const { return pins && pins->holds_rules(); }
};

struct WantedRule {
  api::FramedRule rule;
  bool replace = false;
  std::optional<uint32_t> max_streams{};       // of the tables, when they are made
  std::vector<api::Connection> connections{};  // living ones, that are to be framed
};
// kExists: the same rule is there. kFailed: pins of another version, or damaged ones.
Result<TargetPlan> plan_target_attach(const WantedRule& wanted, const TargetState& state);

struct UnwantedRule {
  std::optional<Match> match{};  // nothing: all rules
  api::Living living = api::Living::kStayFramed;
};
// kNotFound: there is no such rule. A leftover counts as a target without rules and is removed.
Result<TargetPlan> plan_target_detach(const UnwantedRule& unwanted, const TargetState& state);

}  // namespace zc::core
