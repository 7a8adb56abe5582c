// SPDX-License-Identifier: GPL-2.0-only
// Takes the steps of a plan: the one place where a plan becomes kernel calls.
#pragma once

#include <string>

#include "api/session.h"
#include "base/result.h"
#include "core/plan.h"

namespace zc::core {

struct Executed {
  std::string no_stage;  // why the kernel made no stage, where no rule insisted; else empty
};

// Every step is taken, or what can be undone of those before the one that failed is undone and its
// error returned: what a plan of `attach` has begun is gone again. Rules and pins that were removed
// do not come back.
Result<Executed> execute(api::Session& session, const Plan& plan);

}  // namespace zc::core
