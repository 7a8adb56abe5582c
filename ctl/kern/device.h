// SPDX-License-Identifier: GPL-2.0-only
// Asks the kernel about network devices (rtnetlink, ethtool). Changes none.
#pragma once

#include <cstdint>
#include <string>

#include "api/device.h"
#include "base/result.h"

namespace zc::kern {

// Devices of the current network namespace. Fails with kNotFound where there is none of that name.
Result<api::Device> find_device(const std::string& name);
// The name of the device with that index; empty where there is none.
std::string device_name(uint32_t ifindex);

}  // namespace zc::kern
