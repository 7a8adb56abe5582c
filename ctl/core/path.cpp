// SPDX-License-Identifier: GPL-2.0-only
#include "core/path.h"

#include <algorithm>

#include "base/printable.h"

namespace zc::core {
namespace {

using api::Neighbour;
using api::Route;

constexpr const char* kLimitedBroadcast = "255.255.255.255";  // RFC 919 7: of no network

// RFC 4291 2.5.6: such an address says nothing about the device, which the app must name.
bool is_link_local(const Endpoint& to) {
  return to.family == Family::kIpv6 && to.address[0] == 0xfe && (to.address[1] & 0xc0) == 0x80;
}

// Each IPv6 device has a route to all groups, so that every app must name one (RFC 3493 5.2).
bool app_names_device(const Endpoint& to) {
  return is_link_local(to) || (to.family == Family::kIpv6 && to.is_multicast());
}

Endpoint without_port(Endpoint endpoint) {
  endpoint.port = 0;
  return endpoint;
}

void look_at_route(api::Host& host, PathFacts& facts) {
  std::optional<Endpoint> from;
  if (facts.match.from) {
    from = without_port(*facts.match.from);
    const auto own = value_or_note(host.route(*from, std::nullopt), facts);
    if (!own) return;  // nothing is known, and that is told
    facts.from_here = own->kind == Route::Kind::kLocal;
  }
  // Policy rules by source decide about forwarded packets, and those are not looked at.
  if (facts.from_here) facts.route = value_or_note(host.route(facts.match.to, from), facts);
}

void look_at_neighbour(api::Host& host, PathFacts& facts) {
  if (!facts.route || facts.route->kind != Route::Kind::kUnicast || !leaves_by_device(facts))
    return;
  facts.neighbour = value_or_note(host.neighbour(facts.route->ifindex, next_hop(facts)), facts)
                        .value_or(Neighbour::kReachable);
}

// An enslaved device sends what its bridge, bond or VRF gives it, of which the table knows nothing.
bool route_decides(const PathFacts& facts) {
  return facts.route && facts.device.master_kind.empty() && !app_names_device(facts.match.to);
}

bool bound_to_device(const PathFacts& facts) {
  return std::any_of(facts.sockets.begin(), facts.sockets.end(), [&](const api::AppSocket& socket) {
    return socket.here && socket.options && socket.options->device == facts.device.name;
  });
}

bool route_misses_device(const PathFacts& facts) {
  return route_decides(facts) && !leaves_by_device(facts);
}

Finding device_down(const api::Device& device) {
  return {"device-down", device.name + " is down",
          "ip link set " + shell_word(device.name) + " up"};
}

Finding no_carrier(const api::Device& device) {
  return {"no-carrier", device.name + " has no carrier: its cable or its far end is missing",
          "`ip link show " + shell_word(device.name) + "` says LOWER_UP once it is there"};
}

Finding own_address(const PathFacts& facts) {
  const std::string to = facts.match.to.address_text();
  return {"own-address",
          to + " is an address of this host: packets to it stay inside, and never come to " +
              facts.device.name,
          "give the receiver's address; or attach to " +
              (facts.route->dev.empty() ? "lo" : facts.route->dev)};
}

Finding no_route(const PathFacts& facts) {
  const std::string to = facts.match.to.address_text();
  if (is_group_without_route(facts))
    return {"no-route",
            "there is no route to " + to +
                ": apps cannot send there, unless they name the device (IP_MULTICAST_IF)",
            "ip route add " + to + " dev " + shell_word(facts.device.name)};
  if (to == kLimitedBroadcast)
    return {"no-route",
            "there is no route to " + to +
                ": apps cannot send there, unless they bind to the device (SO_BINDTODEVICE)",
            "ip route add " + to + " dev " + shell_word(facts.device.name) +
                "; the app needs SO_BROADCAST, too"};
  return {"no-route", "there is no route to " + to + ": apps cannot send there",
          "ip route add " + to + " via GATEWAY dev " + shell_word(facts.device.name)};
}

Finding route_discards(const PathFacts& facts) {
  const std::string to = facts.match.to.address_text();
  return {"route-discards",
          "the route to " + to + " discards packets (blackhole, unreachable or prohibit)",
          "ip route show table all match " + to + "; ip route del what it names"};
}

Finding other_route(const PathFacts& facts) {
  const std::string to = facts.match.to.address_text();
  const bool group = facts.match.to.is_multicast();
  return {
      "other-route",
      "packets to " + to + " leave by " + facts.route->dev + ", says the routing table, not by " +
          facts.device.name + (group ? ", unless the app names it (IP_MULTICAST_IF)" : ""),
      (group ? "ip route add " + to + " dev " + shell_word(facts.device.name) + "; or attach to "
             : "ip route get " + to + "; attach to ") +
          facts.route->dev};
}

Finding neighbour_failed(const PathFacts& facts) {
  const std::string next = next_hop(facts).address_text();
  return {"neighbour-failed",
          next + " does not answer on " + facts.route->dev +
              " (ARP or neighbour discovery): packets to it wait and are dropped, and never come "
              "to the rule",
          "is it there, and on this network? ip neigh show " + next};
}

void add_route_findings(const PathFacts& facts, Findings& findings) {
  if (!route_misses_device(facts) || bound_to_device(facts)) return;
  switch (facts.route->kind) {
    case Route::Kind::kNone:
      findings.push_back(no_route(facts));
      break;
    case Route::Kind::kDiscards:
      findings.push_back(route_discards(facts));
      break;
    case Route::Kind::kLocal:
      findings.push_back(own_address(facts));
      break;
    default:
      findings.push_back(other_route(facts));
      break;
  }
}

}  // namespace

Endpoint next_hop(const PathFacts& facts) {
  return facts.route->gateway.value_or(facts.match.to);
}

bool leaves_by_device(const PathFacts& facts) {
  return facts.route && facts.route->leaves_by.contains(facts.device.ifindex);
}

PathFacts look_at_path(api::Host& host, const api::Device& device, const Match& match) {
  PathFacts facts{.device = device, .match = match, .route = {}};
  look_at_route(host, facts);
  look_at_neighbour(host, facts);
  if (route_misses_device(facts))
    facts.sockets =
        value_or_note(host.sockets_towards(match.to), facts).value_or(api::AppSockets()).list;
  return facts;
}

bool is_group_without_route(const PathFacts& facts) {
  return facts.match.to.is_multicast() && facts.route && facts.route->kind == Route::Kind::kNone;
}

Findings device_findings(const PathFacts& facts) {
  if (!facts.device.up) return {device_down(facts.device)};
  if (!facts.device.carrier) return {no_carrier(facts.device)};
  return {};
}

Findings way_findings(const PathFacts& facts) {
  Findings findings;
  if (!facts.device.up) return findings;
  add_route_findings(facts, findings);
  if (facts.neighbour == Neighbour::kFailed) findings.push_back(neighbour_failed(facts));
  return findings;
}

Findings path_findings(const PathFacts& facts) {
  Findings findings = device_findings(facts);
  for (Finding& finding : way_findings(facts))
    findings.push_back(std::move(finding));
  return findings;
}

PathMtu path_mtu(const PathFacts& facts) {
  PathMtu device{facts.device.mtu, "the MTU of " + facts.device.name};
  if (!leaves_by_device(facts) || facts.route->mtu == 0 || facts.route->mtu >= device.bytes)
    return device;
  const std::string to = facts.match.to.address_text();
  switch (facts.route->mtu_of) {
    case Route::Mtu::kDevice:
      return {facts.route->mtu, "the MTU of " + facts.route->dev};
    case Route::Mtu::kRoute:
      return {facts.route->mtu, "the MTU of the route to " + to};
    default:
      return {facts.route->mtu, "the MTU of the path to " + to + ", which a router told"};
  }
}

}  // namespace zc::core
