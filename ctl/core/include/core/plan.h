// SPDX-License-Identifier: GPL-2.0-only
// Finds the steps that lead from what is there to what is wanted. Pure: no kernel call is made
// here. What a step does is in core/execute.h, how it reads in out/steps.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/device.h"
#include "api/session.h"
#include "base/result.h"
#include "core/rule.h"

namespace zc::core {

namespace step {

// Puts this zcctl's program in the place of an older one's; rules and streams go on.
struct TakeOver {
  api::PinnedDevice pins;
};
struct RemovePins {
  enum class Why : uint8_t { kLeftover, kAllRules, kLastRule };
  api::PinnedDevice pins;
  Why why = Why::kLeftover;
};
// Loads and pins program and maps.
struct Load {
  api::Device device;
  api::CreateOptions options;
};
// Makes the device that cuts super-packets. A rule that says --segment insists on it; for others
// the kernel may refuse.
struct MakeStage {
  api::Device device;
  bool insists = false;
};
// Makes the device in whose queue the packets of rules with --rate wait.
struct MakePace {
  api::Device device;
  bool departures = false;  // --rate auto: it must keep departure times
};
// Lets the packets of a rule leave that queue at its rate.
struct SetRate {
  uint32_t ifindex = 0;  // of the rule's device
  uint32_t id = 0;       // of the rule, which may be about to come
  zc_rule rule{};
};
// Drops what waits of rules that have no rate any more; the queue goes with the last one.
struct TrimPace {
  bool last = false;
};
struct AddRule {
  zc_rule rule{};
};
struct ReplaceRule {
  uint32_t id = 0;
  zc_rule before{}, after{};
};
struct RemoveRule {
  uint32_t id = 0;
  zc_flow match{};
};
// Hangs the program on the device: from here on packets are stamped.
struct Attach {
  api::Device device;
  zc_hook hook = ZC_HOOK_TCX;
};
// Sets UDP_SEGMENT of a socket of the app's to what the rule says.
struct SetSegment {
  api::ForeignSocket socket;
  zc_flow rule{};
  uint32_t bytes = 0;
};

}  // namespace step

using Step = std::variant<step::TakeOver, step::RemovePins, step::Load, step::MakeStage,
                          step::MakePace, step::SetRate, step::AddRule, step::ReplaceRule,
                          step::RemoveRule, step::TrimPace, step::Attach, step::SetSegment>;

// The steps for one device, in order. Carries all that is needed to take them.
struct Plan {
  std::string dev;
  std::optional<api::PinnedDevice> pins;  // as they were when it was made
  std::vector<Step> steps{};
};

template <typename Kind>
bool has_step(const Plan& plan) {
  for (const Step& step : plan.steps) {
    if (std::holds_alternative<Kind>(step)) return true;
  }
  return false;
}

// What is there for one device.
struct DeviceState {
  std::optional<api::PinnedDevice> pins;
  zc_meta meta{};  // these two of pins that hold rules only
  std::vector<api::RuleEntry> rules{};
  std::optional<api::PaceQueue> pace{};  // as it was found, whether it works or not

  bool holds_rules() const { return pins && pins->holds_rules(); }
  // Packets that are sent to the queue for --rate wait there.
  bool paces() const { return pace && pace->works && pace->ifindex == meta.pace; }
  bool detached() const { return pins && pins->state == api::PinnedDevice::State::kDetached; }
};

// What `attach` was asked for, once the device was looked at.
struct ResolvedAttach {
  api::Device device;
  zc_rule rule{};
  api::CreateOptions options{};
  bool replace = false;
  bool stage = false;                         // the device can have one
  std::vector<api::ForeignSocket> sockets{};  // to be told the rule's segment size
};
// kExists: the same rule, or an overlapping one, is there. kFailed: pins of another version.
Result<Plan> plan_attach(const ResolvedAttach& wanted, const DeviceState& state);

struct DetachRequest {
  std::string dev;
  std::optional<Match> match;  // nothing: all rules
};
// kNotFound: there is no such rule. A leftover counts as a device without rules and is removed.
Result<Plan> plan_detach(const DetachRequest& wanted, const DeviceState& state);

}  // namespace zc::core
