// SPDX-License-Identifier: GPL-2.0-only
// What a network device is and offers. Values only: who asks the kernel for them is in ctl/kern.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace zc::api {

// What a driver's device does about the checksum of a CHECKSUM_PARTIAL packet (docs/checksums.md).
enum class CsumOffload : uint8_t {
  kFollows,  // stores it at csum_start + csum_offset, as the kernel says
  kParses,   // stores it where its own parser finds a UDP header; csum_start does not reach it
  kHandsOn,  // nothing: who receives the packet may be another kernel, and send it on
  kUnknown,  // hardware of several kinds, or hardware that may look at csum_start
};

// A device that may finally send the packet: the device itself, or what a stack of VLANs, bonds
// and bridges ends in.
struct Sender {
  std::string dev;
  std::string driver;
  CsumOffload csum = CsumOffload::kUnknown;
};

struct Device {
  std::string name;
  uint32_t ifindex = 0;
  uint32_t mtu = 0;        // bytes, layer 3
  uint16_t link_type = 0;  // ARPHRD_*
  bool up = false;
  bool carrier = false;  // the far end is there
  bool loopback = false;
  std::string kind;         // rtnetlink's: "veth", "bridge", "vlan", …; empty for hardware
  std::string master_kind;  // of the bridge, bond, … it belongs to; empty: none
  std::string stage_of;     // the device whose stage it is; empty: it is none of zcctl's stages
  std::string pace_of;      // likewise the device whose pace device it is
  std::string driver;       // ethtool's, or the kind where the driver has no name
  bool tx_checksum_ipv4 = false;
  bool tx_checksum_ipv6 = false;
  bool scatter_gather = false;
  bool udp_segmentation = false;  // in hardware
  std::vector<Sender> senders;

  bool tx_checksum(Family family) const {
    return family == Family::kIpv4 ? tx_checksum_ipv4 : tx_checksum_ipv6;
  }
};

// Bytes in front of the IP header on this type of link; kUnsupported where packets cannot be
// stamped.
Result<uint32_t> l2_header_bytes(const Device& device);

}  // namespace zc::api
