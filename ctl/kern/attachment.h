// SPDX-License-Identifier: GPL-2.0-only
// Pinned programs on a device's egress, by tcx link or clsact filter. Knows pins of any layout as
// far as hanging and taking them off goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pins.h"

namespace zc::kern {

// Path of the pinned link or program of a device's egress, in layout 2 as well; nothing where there
// is none. An error that hides whether it is there is an error, never "none".
Result<std::optional<std::string>> egress_link_pin(const PinDirectory& pins);
Result<std::optional<std::string>> egress_program_pin(const PinDirectory& pins);

// Ids of the pinned programs of both, as many as there are.
Result<std::vector<uint32_t>> egress_programs(const PinDirectory& pins, const PinDirectory& beside);

// Hangs the directory's egress program on the device, by the hook that its zc_meta names.
Status attach_egress(const PinDirectory& pins, uint32_t ifindex);
// Puts the egress program of `successor` in the place of what `pins` has there, in one step, so
// that every packet meets one of them. `successor` gets the link pinned, too. May be repeated.
Status replace_egress(const PinDirectory& pins, const PinDirectory& successor, uint32_t ifindex);

// Takes the pinned link off, whoever else may hold it, and its pin.
Status detach_link(const PinDirectory& pins);
// Does a filter on the device's clsact qdisc run a program of one of the two?
Result<bool> holds_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex);
// Removes that filter, and the qdisc where zcctl made it and nothing else hangs there. The device
// is there.
Status detach_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex);

}  // namespace zc::kern
