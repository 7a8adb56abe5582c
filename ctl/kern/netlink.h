// SPDX-License-Identifier: GPL-2.0-only
// rtnetlink through libmnl: the links of this namespace, and what hangs on a clsact qdisc.
#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace zc::kern {

struct Link {
  std::string name;
  std::string kind;
  std::string alias;  // what `ip link` shows beside it
  uint32_t ifindex = 0;
  uint32_t mtu = 0;
  uint32_t flags = 0;          // IFF_*
  uint32_t lower = 0;          // IFLA_LINK: what a VLAN or macvlan sits on
  uint32_t master = 0;         // the bridge or bond it belongs to
  uint32_t gso_max_bytes = 0;  // longer super-packets are cut before this device
  uint32_t gso_max_segments = 0;
  uint32_t macvlan_mode = 0;     // MACVLAN_MODE_*
  uint16_t link_type = 0;        // ARPHRD_*
  bool lower_elsewhere = false;  // `lower` is an index of another namespace (veth)
};

Result<std::vector<Link>> dump_links();

// A macvlan in mode `source` without a source: it receives nothing at all. Down, and without an
// address of any kind.
Status create_macvlan(const std::string& name, uint32_t lower);

// Of a macvlan that zcctl makes; 0: as the kernel made it.
struct OwnLinkSettings {
  uint32_t mtu = 0;
  uint32_t gso_max_bytes = 0;
  uint32_t gso_max_segments = 0;
  std::string alias;  // what `ip link` shows beside it
};
// Takes ARP, multicast and IPv6 addresses from a link, sets the above and brings it up.
Status set_up_own_link(uint32_t ifindex, const OwnLinkSettings& settings);
// Succeeds where it is gone, too.
Status delete_link(uint32_t ifindex);

// A dump request about the traffic control of one device. The kernel dumps the qdiscs of all,
// whatever it names.
nlmsghdr* tc_request(void* buffer, uint16_t type, uint32_t ifindex, uint32_t parent);

// Does the device have a clsact qdisc?
Result<bool> has_clsact(uint32_t ifindex);
// Filters on the device's clsact qdisc, both directions.
Result<unsigned> count_clsact_filters(uint32_t ifindex);

// A filter at a device's clsact egress, or, with handle 0, the place that filters of one preference
// share.
struct Filter {
  std::string kind;      // "bpf", "u32", …
  std::string name;      // of a bpf filter: libbpf writes "PROGRAM:[ID]", tc the object's file
  uint32_t program = 0;  // of a bpf filter: the program's id
  uint32_t preference = 0;
  uint32_t handle = 0;
  uint16_t protocol = 0;  // ETH_P_*
};
// In the order in which a packet meets them. Those of other chains than the first are left out: a
// packet gets there only where a filter of the first says so.
Result<std::vector<Filter>> dump_egress_filters(uint32_t ifindex);

}  // namespace zc::kern
