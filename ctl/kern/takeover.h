// SPDX-License-Identifier: GPL-2.0-only
// Puts this zcctl's program and pins in the place of an older one's, while packets pass.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "pins.h"

namespace zc::kern {

// Layouts whose rules and streams this zcctl can go on with.
bool can_take_over(uint32_t layout);

// The pins of a device of this namespace, in an older layout and attached. The old and the new
// program share the tables of rules and streams, so that no sequence number is left out or used
// twice. May be repeated where it was killed at any step. A super-packet that is being cut at that
// moment is lost: its pieces are dropped before they get a number.
Status take_over(const std::string& bpffs, const Scope& scope);

}  // namespace zc::kern
