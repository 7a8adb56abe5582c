// SPDX-License-Identifier: GPL-2.0-only
// Counters of a rule that stand for what did not leave.
#pragma once

#include <string>

#include "zc/abi.h"

namespace zc::bench {

// " oversize 11"; empty: nothing.
std::string counted_drops(const zc_counts& counts);

}  // namespace zc::bench
