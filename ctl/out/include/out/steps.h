// SPDX-License-Identifier: GPL-2.0-only
// How a plan's steps read: "add rule 10.0.0.2:5004: MP2T pt 33 …". The text is also what JSON
// prints.
#pragma once

#include <string>
#include <vector>

#include "core/plan.h"
#include "core/target_plan.h"

namespace zc::out {

// One clause each, without "would" and without a full stop.
std::vector<std::string> steps_text(const core::Plan& plan);
std::string step_text(const std::string& dev, const core::Step& step);
std::vector<std::string> steps_text(const core::TargetPlan& plan);
std::string step_text(const api::Target& target, const core::TargetStep& step);

// What `attach` was told to make the rule, as far as the rule keeps it: "--to 10.0.0.2:5004 …".
std::string rule_words(const zc_rule& rule);
std::string rule_words(const api::FramedRule& rule);
// What it was told of the device's tables, where it is not what it does anyway: " --hook clsact".
// Empty, or begins with a space.
std::string table_words(const zc_meta& meta);

}  // namespace zc::out
