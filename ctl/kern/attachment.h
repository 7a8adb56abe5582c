// SPDX-License-Identifier: GPL-2.0-only
// Pinned programs on a device's egress, by tcx link or clsact filter. Knows pins of any layout as
// far as hanging and taking them off goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "pins.h"

namespace zc::kern {

// Paths of the pinned links and programs, whatever the layout.
std::vector<std::string> link_pins(const PinDirectory& pins);
std::vector<std::string> program_pins(const PinDirectory& pins);

// Hangs the directory's egress program on the device, by the hook that its zc_meta names.
Status attach_egress(const PinDirectory& pins, uint32_t ifindex);
// Puts the egress program of `successor` in the place of what `pins` has there, in one step, so
// that every packet meets one of them. `successor` gets the link pinned, too. May be repeated.
Status replace_egress(const PinDirectory& pins, const PinDirectory& successor, uint32_t ifindex);

// Takes all pinned links off, whoever else may hold them, and their pins.
Status detach_links(const PinDirectory& pins);
// Is the filter in our place on the device's clsact qdisc a program of one of the two?
Result<bool> holds_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex);
// Removes that filter, and the qdisc where zcctl made it and nothing else hangs there. The device
// is there.
Status detach_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex);

}  // namespace zc::kern
