// SPDX-License-Identifier: GPL-2.0-only
#include "nic/model.h"

#include <ostream>

namespace zc::test {
namespace {

constexpr size_t kUdpBytes = 8;
constexpr size_t kRtpBytes = 12;
constexpr size_t kLcoExtensionBytes = 8;
constexpr size_t kUniExtensionBytes = 16;

}  // namespace

const char* to_string(Checksum checksum) {
  switch (checksum) {
    case Checksum::kLco:
      return "lco";
    case Checksum::kZero:
      return "zero";
    case Checksum::kSum:
      return "sum";
    case Checksum::kUni:
      return "uni";
  }
  return "?";
}

std::string name_of(const Case& c) {
  return std::string(c.family == Family::kIpv4 ? "ipv4_" : "ipv6_") + to_string(c.checksum) +
         (c.tx_checksum ? "_offload" : "_no_offload") +
         (std::string(c.hook) == "auto" ? "" : std::string("_") + c.hook);
}

void PrintTo(const Case& c, std::ostream* out) {
  *out << name_of(c);
}

std::vector<Case> all_cases() {
  using enum Family;
  using enum Checksum;
  std::vector<Case> cases;
  for (const Family family : {kIpv4, kIpv6}) {
    for (const Checksum checksum : {kUni, kSum, kZero, kLco}) {
      if (family == kIpv6 && checksum == kZero) continue;  // RFC 8200 8.1
      for (const bool tx_checksum : {true, false})
        cases.push_back({family, checksum, tx_checksum});
    }
  }
  return cases;
}

std::vector<Case> clsact_cases() {
  using enum Family;
  using enum Checksum;
  return {{kIpv4, kUni, true, "clsact"},
          {kIpv4, kSum, true, "clsact"},
          {kIpv6, kUni, true, "clsact"},
          {kIpv6, kSum, false, "clsact"}};
}

size_t inserted_bytes(Checksum checksum) {
  if (checksum == Checksum::kUni) return kRtpBytes + kUniExtensionBytes;
  return kRtpBytes + (checksum == Checksum::kLco ? kLcoExtensionBytes : 0);
}

bool leaves_sum_to_device(Checksum checksum) {
  return checksum == Checksum::kLco || checksum == Checksum::kUni;
}

// lco has a finished sum where a seeded parser expects the pseudo-header's.
std::vector<Card> cards_for(Checksum checksum) {
  if (checksum == Checksum::kLco) return {Card::kFollows, Card::kParses};
  return {Card::kFollows, Card::kParses, Card::kParsesSeeded};
}

size_t ip_header_bytes(Family family) {
  return family == Family::kIpv4 ? 20 : 40;
}

size_t largest_payload(const Case& c, unsigned mtu) {
  return mtu - ip_header_bytes(c.family) - kUdpBytes - inserted_bytes(c.checksum);
}

std::string fate_of(const Case& c, unsigned mtu, size_t payload_bytes) {
  if (ip_header_bytes(c.family) + kUdpBytes + payload_bytes > mtu) return "fragment";
  if (payload_bytes > largest_payload(c, mtu)) return "oversize";
  return "stamped";
}

}  // namespace zc::test
