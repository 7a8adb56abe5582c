// SPDX-License-Identifier: GPL-2.0-only
// What the routing table says. Sends nothing.
#pragma once

#include <string>

#include "base/address.h"
#include "base/result.h"

namespace zc::kern {

// The source address, without a port, that a packet to `destination` would have; of a multicast
// group, one that leaves by `dev`.
Result<Endpoint> source_towards(const Endpoint& destination, const std::string& dev);

}  // namespace zc::kern
