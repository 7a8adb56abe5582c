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

namespace zc::test {

enum class Checksum : uint8_t { kLco, kZero, kFull };
const char* to_string(Checksum checksum);  // as --checksum takes it

// One way to run a rule.
struct Case {
  Family family = Family::kIpv4;
  Checksum checksum = Checksum::kLco;
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
// The same for a segment that was cut behind the stage: there room comes in steps of 8 for IPv6.
size_t segment_inserted_bytes(const Case& c);
// The largest payload that leaves as one RTP packet.
size_t largest_payload(const Case& c, unsigned mtu);

// The counter of interface.md that the datagram ends in: "stamped", "short", … `partial`: the
// kernel leaves the checksum to the device. Of a datagram that the kernel cuts, the first fragment
// is dropped, and the kernel then gives up the others.
std::string fate_of(const Case& c, unsigned mtu, size_t payload_bytes, bool partial);

}  // namespace zc::test
