// SPDX-License-Identifier: GPL-2.0-only
// What should become of a datagram: interface.md and the RFCs as a few lines of arithmetic, apart
// from the program under test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "support/packet.h"
#include "support/virtio_net.h"

namespace zc::test {

enum class Checksum : uint8_t { kLco, kZero, kSum, kUni };
const char* to_string(Checksum checksum);  // as --checksum takes it

// One way to run a rule.
struct Case {
  Family family = Family::kIpv4;
  Checksum checksum = Checksum::kUni;
  bool tx_checksum = true;  // the device's offload
  const char* hook = "auto";
};
std::string name_of(const Case& c);              // "ipv4_lco_offload"
void PrintTo(const Case& c, std::ostream* out);  // for GoogleTest
// All combinations that are possible, on the hook that zcctl chooses.
std::vector<Case> all_cases();
// Some of them on the other hook.
std::vector<Case> clsact_cases();

// Header bytes that a rule puts between UDP and the payload.
size_t inserted_bytes(Checksum checksum);
size_t ip_header_bytes(Family family);
// Whether the payload is left to the device to sum, where the packet comes without a checksum.
bool leaves_sum_to_device(Checksum checksum);
// The cards that such a packet is right on.
std::vector<Card> cards_for(Checksum checksum);
// The largest payload that leaves as one RTP packet.
size_t largest_payload(const Case& c, unsigned mtu);

// The counter of interface.md that the datagram ends in: "stamped", "oversize", … Of a datagram
// that the kernel cuts, the first fragment is dropped, and the kernel then gives up the others.
std::string fate_of(const Case& c, unsigned mtu, size_t payload_bytes);

}  // namespace zc::test
