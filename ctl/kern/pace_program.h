// SPDX-License-Identifier: GPL-2.0-only
// The program that writes departure times at the egress of a pace device, for its fq.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "pins.h"

namespace zc::kern {

// Loads it on the maps that are pinned there and hangs it on the link, by a clsact qdisc, with
// which it goes when the link goes: it needs no pin, and a killed zcctl leaves none. One that hangs
// there already is replaced.
Status attach_pace_program(const PinDirectory& pins, uint32_t ifindex);
Result<bool> has_pace_program(uint32_t ifindex);

}  // namespace zc::kern
