// SPDX-License-Identifier: GPL-2.0-only
// What the routing table and the neighbour table say. Sends nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/path.h"
#include "base/address.h"
#include "base/result.h"

namespace zc::kern {

// The source address, without a port, that a packet to `destination` would have; of a multicast
// group, one that leaves by `dev`.
Result<Endpoint> source_towards(const Endpoint& destination, const std::string& dev);

// The route of a UDP packet that this host sends to `to`, from `from` if that is given, which must
// be an address of this host. No route is a route of kind kNone, not an error.
Result<api::Route> find_route(const Endpoint& to, const std::optional<Endpoint>& from);

Result<api::Neighbour> find_neighbour(uint32_t ifindex, const Endpoint& address);

}  // namespace zc::kern
