// SPDX-License-Identifier: GPL-2.0-only
// Methods and plans as text: what there is, and what would be measured.
#pragma once

#include <string>
#include <vector>

#include "measure/run_plan.h"
#include "suites/listing.h"

namespace zc::bench {

std::string list_text(const std::vector<Listed>& methods);
std::string list_json(const std::vector<Listed>& methods);
std::string plan_text(const RunPlan& plan);
std::string plan_json(const RunPlan& plan);

}  // namespace zc::bench
