// SPDX-License-Identifier: GPL-2.0-only
// Tells the state of the pins: live, left over, of another version.
#pragma once

#include <string>
#include <vector>

#include "api/session.h"
#include "base/result.h"

namespace zc::kern {

// All pins of all namespaces. What cannot be looked into is of another version, and says why.
Result<std::vector<api::PinnedDevice>> inspect_pins(const std::string& bpffs);
// Those of the current namespace alone: quick, however many others there are.
Result<std::vector<api::PinnedDevice>> inspect_pins_here(const std::string& bpffs);

}  // namespace zc::kern
