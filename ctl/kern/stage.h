// SPDX-License-Identifier: GPL-2.0-only
// The stage: a macvlan behind a device whose only work is to cut super-packets (docs/stage.md).
#pragma once

#include <cstdint>
#include <vector>

#include "api/device.h"
#include "base/result.h"
#include "netlink.h"

namespace zc::kern {

// The device that a link is the stage of; 0: it is none of zcctl's, whatever it is called.
uint32_t staged_device(const Link& link);

// Makes the stage of a device, or takes the one that is there, sets it as it should be and brings
// it up; returns its index. kUnsupported where the kernel allows none here, or
// somebody else's device has its name.
Result<uint32_t> make_stage(const api::Device& device);
// Index of the device's stage; 0 where it has none, or one that somebody set down or gave other
// limits, so that it would not cut.
Result<uint32_t> working_stage(uint32_t ifindex);
// Succeeds where there is none, too.
Status remove_stage(uint32_t ifindex);
// Indices of the devices (alive or not) that have a stage in this namespace.
Result<std::vector<uint32_t>> staged_devices();

}  // namespace zc::kern
