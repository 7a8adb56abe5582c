// SPDX-License-Identifier: GPL-2.0-only
// Whether packets of a rule come to its device at all, and how large they may be: the facts,
// gathered through a Host, and what they mean. Knows no rule's counters: check does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/host.h"
#include "core/findings.h"
#include "core/rule.h"

namespace zc::core {

struct PathFacts {
  api::Device device;
  Match match;
  std::optional<api::Route> route;  // nothing: not known, or of packets that are not this host's
  bool from_here = true;            // `match.from` is an address of this host, or is not given
  api::Neighbour neighbour = api::Neighbour::kReachable;
  std::vector<api::AppSocket> sockets{};  // connected to match.to, as far as they were looked for
  std::vector<std::string> unknown{};     // what could not be found out, and why
};

// The value; or nothing, and why it is not known is noted.
template <typename Value>
std::optional<Value> value_or_note(Result<Value> result, PathFacts& facts) {
  if (result) return *std::move(result);
  facts.unknown.push_back(result.error().message);
  return std::nullopt;
}

// Never fails: what cannot be found out is `unknown`, and no finding. Looks for sockets only where
// the route goes elsewhere: one that is bound to the device does not follow it.
PathFacts look_at_path(api::Host& host, const api::Device& device, const Match& match);

// Pure. What will keep packets away from the device, or behind it from leaving.
Findings path_findings(const PathFacts& facts);

// The two halves of it: what the device itself is, and what routing table and neighbour say, who
// can be wrong where packets are seen to come all the same. A device that is down has no routes.
Findings device_findings(const PathFacts& facts);
Findings way_findings(const PathFacts& facts);

// Without a route, and yet an app that names the device can send there: to a group.
bool is_group_without_route(const PathFacts& facts);

// Do the packets that the route speaks of leave by the device?
bool leaves_by_device(const PathFacts& facts);

// Who is asked for by ARP or neighbour discovery. Needs a route.
Endpoint next_hop(const PathFacts& facts);

// The largest packet that gets through, in bytes on layer 3, as far as this host knows.
struct PathMtu {
  uint32_t bytes = 0;
  std::string of;  // "the MTU of eth0", "the route to 10.0.0.2"
};
PathMtu path_mtu(const PathFacts& facts);

}  // namespace zc::core
