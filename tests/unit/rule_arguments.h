// SPDX-License-Identifier: GPL-2.0-only
// The words of a rule that is right, for tests to change.
#pragma once

#include <string>

#include "core/rule.h"

namespace zc::core {

inline RuleArguments words(const std::string& to = "10.0.0.2:5004") {
  RuleArguments words;
  words.to = to;
  words.payload = "MP2T";
  return words;
}

}  // namespace zc::core
