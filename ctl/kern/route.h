// SPDX-License-Identifier: GPL-2.0-only
// What the routing table says. Sends nothing.
#pragma once

#include "base/address.h"
#include "base/result.h"

namespace zc::kern {

// The source address, without a port, that a packet to `destination` would have.
Result<Endpoint> source_towards(const Endpoint& destination);

}  // namespace zc::kern
