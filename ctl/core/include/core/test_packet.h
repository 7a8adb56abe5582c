// SPDX-License-Identifier: GPL-2.0-only
// A test packet of `probe --verify`: its payload, and what is to be seen of it where it arrives
// (RFC 791, 768, 8200). Pure; knows no socket, and trusts no byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"

namespace zc::core {

using Bytes = std::span<const uint8_t>;

// The first bytes of a test payload say which it is; the others follow from them.
struct TestLabel {
  uint64_t token = 0;  // the session's
  uint16_t test = 0;
  uint16_t index = 0;  // of the packet in its test
  uint16_t bytes = 0;  // of the whole payload

  bool operator==(const TestLabel&) const = default;
};
constexpr uint16_t kTestPayloadLeast = 24;

// label.bytes bytes; at least kTestPayloadLeast.
std::vector<uint8_t> make_test_payload(const TestLabel& label);
// Begins there a test payload of that session, whatever became of the rest of it?
std::optional<uint64_t> read_token(Bytes payload);
// Nothing where the label was damaged on its way.
std::optional<TestLabel> read_label(Bytes payload);

enum class ChecksumSeen : uint8_t {
  kRight,
  kWrong,
  kNone,        // 0 on the wire (RFC 768); over IPv6 that is kWrong (RFC 8200 8.1)
  kUnfinished,  // was never finished, as between two namespaces of one host: not to be judged
};

// An unfragmented UDP packet as it arrived.
struct ArrivedDatagram {
  Endpoint source, destination;
  Bytes payload;
  uint32_t ip_bytes = 0;      // of the whole packet
  bool lengths_agree = true;  // of IP, UDP and what came; and IPv4's header checksum is right
  ChecksumSeen checksum = ChecksumSeen::kRight;
};
// From the IP header on. Nothing where it is no such packet.
std::optional<ArrivedDatagram> read_datagram(Bytes packet, bool unfinished);

}  // namespace zc::core
