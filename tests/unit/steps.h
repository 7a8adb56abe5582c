// SPDX-License-Identifier: GPL-2.0-only
// The kinds of a plan's steps, to be compared with a list.
#pragma once

#include <vector>

#include "core/plan.h"

namespace zc {

// Follows the order of core::Step.
enum class Kind {
  kTakeOver,
  kRemovePins,
  kLoad,
  kMakeStage,
  kMakePace,
  kSetRate,
  kAddRule,
  kReplaceRule,
  kRemoveRule,
  kTrimPace,
  kAttach,
  kSetSegment,
};

inline std::vector<Kind> kinds(const core::Plan& plan) {
  std::vector<Kind> list;
  for (const core::Step& step : plan.steps)
    list.push_back(static_cast<Kind>(step.index()));
  return list;
}

}  // namespace zc
