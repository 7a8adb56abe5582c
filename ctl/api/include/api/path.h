// SPDX-License-Identifier: GPL-2.0-only
// What becomes of a packet before and behind the hook: its route, its neighbour, the queues. Values
// only: who asks the kernel for them is in ctl/kern.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/address.h"

namespace zc::api {

// What the routing table says of a destination, for a packet of this host that names no device.
struct Route {
  enum class Kind : uint8_t {
    kNone,      // there is no route
    kDiscards,  // blackhole, unreachable, prohibit
    kLocal,     // an address of this host: the packet stays here
    kUnicast,
    kMulticast,
    kBroadcast,
  };
  enum class Mtu : uint8_t { kDevice, kRoute, kLearned };  // learned: from ICMP, for a while

  Kind kind = Kind::kNone;
  uint32_t ifindex = 0;  // with its name, of the device that the packet is given to; none: 0
  std::string dev;
  std::set<uint32_t> leaves_by;  // that device, and those below it: ports, slaves, parents
  std::optional<Endpoint> gateway;
  uint32_t mtu = 0;  // bytes, layer 3; 0: not known
  Mtu mtu_of = Mtu::kDevice;
};

// What is known of a next hop's link-layer address.
enum class Neighbour : uint8_t {
  kUnknown,  // nobody has asked for it lately
  kWaiting,  // asked, no answer yet
  kFailed,   // asked, and no answer came
  kReachable,
};

// What a queueing discipline has done since it was made.
struct Queue {
  std::string kind;    // "fq_codel"
  std::string handle;  // "8001:", as `tc qdisc` has it; "0:" of one that the kernel made
  bool root = false;
  uint64_t sent = 0;  // packets
  uint64_t dropped = 0;
};

}  // namespace zc::api
