// SPDX-License-Identifier: GPL-2.0-only
// Parts of what is printed, the same of devices and of targets.
#pragma once

#include <string>

#include "core/findings.h"
#include "core/plan.h"
#include "zc/abi.h"

namespace zc::out {

// Why pins go; `state` is what is wrong with them, if something is.
std::string why_text(core::step::RemovePins::Why why, const std::string& state);
// "stamped 7, oversize 2": zeros are left out, `stamped` is always there.
std::string counters_text(const zc_counts& counts);
// "! what is wrong", and below it what mends it.
std::string findings_text(const core::Findings& findings, const std::string& indent);

}  // namespace zc::out
