// SPDX-License-Identifier: GPL-2.0-only
// From what is wanted and what is there to the steps that lead from one to the other. Pure: no
// kernel call is made here, and `--dry-run` prints what comes out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/host.h"
#include "base/result.h"
#include "core/rule.h"

namespace zc::core {

struct Step {
  enum class Kind : uint8_t {
    kRemovePins,  // of a leftover, or with the last rule
    kLoad,        // load and pin program and maps
    kAddRule,
    kReplaceRule,
    kRemoveRule,
    kAttach,      // hang the program on the device: from here on packets are stamped
    kMakeStage,   // the device that cuts super-packets
    kSetSegment,  // UDP_SEGMENT of a socket of the app's
  };
  Kind kind;
  std::string text;             // for people
  uint32_t rule_id = 0;         // kReplaceRule, kRemoveRule
  api::ForeignSocket socket{};  // kSetSegment
};
using Plan = std::vector<Step>;

// What is there for one device.
struct DeviceState {
  std::optional<api::PinnedDevice> pins;
  zc_meta meta{};  // these two of live pins only
  std::vector<api::RuleEntry> rules{};

  bool live() const { return pins && pins->state == api::PinnedDevice::State::kLive; }
};

struct AttachWish {
  std::string dev;
  zc_rule rule{};
  zc_hook hook = ZC_HOOK_TCX;
  bool replace = false;
  bool stage = false;                         // the device can have one
  std::vector<api::ForeignSocket> sockets{};  // to be told the rule's segment size
};
// kExists: the same rule, or an overlapping one, is there. kFailed: pins of another version.
Result<Plan> plan_attach(const AttachWish& wish, const DeviceState& state);

struct DetachWish {
  std::string dev;
  std::optional<Match> match;  // nothing: all rules
};
// kNotFound: there is no such rule. A leftover counts as a device without rules and is removed.
Result<Plan> plan_detach(const DetachWish& wish, const DeviceState& state);

}  // namespace zc::core
