// SPDX-License-Identifier: GPL-2.0-only
// The macvlans that zcctl makes behind a device: its stage, and the pace device. Each is named
// after the device's index, which a device keeps for life, and says in its alias whose it is. Knows
// nothing of what they are for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/device.h"
#include "base/result.h"
#include "netlink.h"

namespace zc::kern {

struct OwnLinkKind {
  const char* prefix;  // of its name
  const char* alias;   // what stands before the device's name there
  const char* what;    // for people: "stage"
};

std::string own_link_name(const OwnLinkKind& kind, uint32_t ifindex);
// The device that a link was made behind; 0: it is none of zcctl's, whatever it is called.
uint32_t device_of(const OwnLinkKind& kind, const Link& link);
Result<std::optional<Link>> find_own_link(const OwnLinkKind& kind, uint32_t ifindex);
// False where its device moved away, and another one has the index now.
bool is_on(const Link& own, uint32_t ifindex);

// Makes the device's, or takes the one that is there, sets it as it should be and brings it up.
// kUnsupported where the kernel allows none here, or somebody else's device has its name.
// `settings` need no MTU and no alias.
Result<Link> make_own_link(const OwnLinkKind& kind, const api::Device& device,
                           OwnLinkSettings settings);
// Succeeds where there is none, too.
Status remove_own_link(const OwnLinkKind& kind, uint32_t ifindex);
// Indices of the devices (alive or not) that have one in this namespace.
Result<std::vector<uint32_t>> devices_with(const OwnLinkKind& kind);

}  // namespace zc::kern
