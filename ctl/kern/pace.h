// SPDX-License-Identifier: GPL-2.0-only
// The pace device: a macvlan behind a device, in whose queue the packets of rules with --rate wait
// (docs/pacing.md).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "api/device.h"
#include "api/pace.h"
#include "base/result.h"
#include "netlink.h"
#include "pins.h"

namespace zc::kern {

// The device that a link is the pace device of; 0: it is none of zcctl's, whatever it is called.
uint32_t paced_device(const Link& link);

// Makes the pace device of a device, or a new one in the place of one that does not work: what
// waits in that is lost. Its qdisc is fq where the kernel has it; then the program of `pins`'s maps
// that writes departure times is hung on it. Else it is HTB, without classes. kUnsupported where
// there is neither, or no place for it.
Result<api::PaceQueue> make_pace(const api::Device& device, const PinDirectory& pins);
// Nothing where the device has none.
Result<std::optional<api::PaceQueue>> find_pace(uint32_t ifindex);
// Removes the classes of all rules but these.
Status trim_pace(const api::PaceQueue& queue, const std::set<uint32_t>& rules);
// Succeeds where there is none, too. What waits is dropped.
Status remove_pace(uint32_t ifindex);
// Empties zc_paces, which keeps an entry of each slot that had a paced stream: when nothing waits.
Status forget_waiting(const PinDirectory& pins);
// Indices of the devices (alive or not) that have a pace device in this namespace.
Result<std::vector<uint32_t>> paced_devices();

// What a pace device made now would be. Looks in a network namespace of its own, so that nothing is
// changed here; nothing where it may not make one.
Result<std::optional<zc_pace_kind>> probe_pace();

}  // namespace zc::kern
