// SPDX-License-Identifier: GPL-2.0-only
#include "nic/model.h"

#include <ostream>

namespace zc::test {
namespace {

constexpr size_t kUdpBytes = 8;
constexpr size_t kRtpBytes = 12;
constexpr size_t kFillerExtensionBytes = 8;
constexpr size_t kFillerExtensionOfTwoWordsBytes = 12;

// What `zero` and `full` must cut and put back on Ethernet (kernel-facts.md, section 3).
size_t least_payload(const Case& c) {
  if (c.checksum == Checksum::kLco) return 0;
  return c.family == Family::kIpv4 ? 28 : 48;
}

}  // namespace

const char* to_string(Checksum checksum) {
  switch (checksum) {
    case Checksum::kLco:
      return "lco";
    case Checksum::kZero:
      return "zero";
    case Checksum::kFull:
      return "full";
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
  return {{kIpv4, kLco, true},   {kIpv4, kLco, false}, {kIpv4, kZero, true}, {kIpv4, kZero, false},
          {kIpv4, kFull, false}, {kIpv6, kLco, true},  {kIpv6, kLco, false}, {kIpv6, kFull, false}};
}

std::vector<Case> clsact_cases() {
  using enum Family;
  using enum Checksum;
  return {{kIpv4, kLco, true, "clsact"},
          {kIpv4, kZero, true, "clsact"},
          {kIpv6, kLco, true, "clsact"},
          {kIpv4, kFull, false, "clsact"}};
}

size_t inserted_bytes(Checksum checksum) {
  return kRtpBytes + (checksum == Checksum::kLco ? kFillerExtensionBytes : 0);
}

size_t segment_inserted_bytes(const Case& c) {
  if (c.checksum != Checksum::kLco || c.family == Family::kIpv4) return inserted_bytes(c.checksum);
  return kRtpBytes + kFillerExtensionOfTwoWordsBytes;
}

size_t ip_header_bytes(Family family) {
  return family == Family::kIpv4 ? 20 : 40;
}

size_t largest_payload(const Case& c, unsigned mtu) {
  return mtu - ip_header_bytes(c.family) - kUdpBytes - inserted_bytes(c.checksum);
}

std::string fate_of(const Case& c, unsigned mtu, size_t payload_bytes, bool partial) {
  if (ip_header_bytes(c.family) + kUdpBytes + payload_bytes > mtu) return "fragment";
  if (payload_bytes > largest_payload(c, mtu)) return "oversize";
  if (partial && payload_bytes < least_payload(c)) return "short";
  return "stamped";
}

}  // namespace zc::test
