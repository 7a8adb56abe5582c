// SPDX-License-Identifier: GPL-2.0-only
// IP addresses and ports as text and as bytes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zc {

enum class Family : uint8_t { kIpv4 = 4, kIpv6 = 6 };

const char* to_string(Family family);  // "IPv4"

// An address with or without a port. Bytes in network order; IPv4 uses the first four.
struct Endpoint {
  Family family = Family::kIpv4;
  std::array<uint8_t, 16> address{};
  uint16_t port = 0;  // host order; 0: none was given

  auto operator<=>(const Endpoint&) const = default;  // NOLINT(modernize-use-nullptr): of its 0
  bool is_multicast() const;
  bool is_link_local() const;  // fe80::/10 (RFC 4291 2.5.6): it means something by a device alone
  bool is_unspecified() const;
  std::string address_text() const;  // "10.0.0.2", "2001:db8::1"
  std::string text() const;          // "10.0.0.2:5004", "[2001:db8::1]:5004", "10.0.0.2"
};

enum class PortRule : uint8_t { kRequired, kOptional };

// "10.0.0.2:5004", "[2001:db8::1]:5004", and where the port is optional "10.0.0.2",
// "2001:db8::1", "[2001:db8::1]". Host names, zones and IPv4-mapped addresses are refused. `name`
// is what the error calls it, e.g. "--to". Fails with kUsage.
Result<Endpoint> parse_endpoint(std::string_view text, PortRule rule, const std::string& name);

}  // namespace zc
