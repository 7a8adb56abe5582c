// SPDX-License-Identifier: GPL-2.0-only
// Asks the kernel about network devices (rtnetlink, ethtool). Changes none.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "api/device.h"
#include "base/result.h"

namespace zc::kern {

// Devices of the current network namespace. Fails with kNotFound where there is none of that name.
Result<api::Device> find_device(const std::string& name);
// The devices of this namespace above and below one, through which the same packets leave: bridge
// and port, bond and slave, VLAN or macvlan and what it sits on.
Result<std::vector<uint32_t>> stacked_devices(uint32_t ifindex);
// The name of the device with that index; empty where there is none.
std::string device_name(uint32_t ifindex);

// A device, and all that a packet it is given may leave by: its parents, ports, slaves.
struct DeviceStack {
  std::set<uint32_t> devices;
  uint32_t mtu = 0;  // of the device itself, bytes
};
// Empty where the device is gone.
Result<DeviceStack> find_stack(uint32_t ifindex);

}  // namespace zc::kern
