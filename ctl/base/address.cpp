// SPDX-License-Identifier: GPL-2.0-only
#include "base/address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/number.h"

namespace zc {
namespace {

struct Parts {
  std::string address;
  std::string_view port;
  bool has_port = false;
};

// Splits at the colon that begins a port: behind a bracket, or the only one there is.
Parts split(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {std::string(text), {}, false};
    const std::string_view rest = text.substr(close + 1);
    Parts parts{std::string(text.substr(1, close - 1)), {}, rest.starts_with(':')};
    if (parts.has_port) parts.port = rest.substr(1);
    if (!rest.empty() && !parts.has_port) parts.address = std::string(text);
    return parts;
  }
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return {std::string(text), {}, false};
  return {std::string(text.substr(0, colon)), text.substr(colon + 1), true};
}

Result<Endpoint> parse_address(const std::string& text, const std::string& name) {
  Endpoint endpoint;
  if (inet_pton(AF_INET, text.c_str(), endpoint.address.data()) == 1) return endpoint;
  endpoint.family = Family::kIpv6;
  if (inet_pton(AF_INET6, text.c_str(), endpoint.address.data()) != 1) {
    const bool zone = text.find('%') != std::string::npos;
    return usage_error(name + ": '" + text + "' is not an IP address",
                       zone ? "leave the zone (%...) away: the device is given already"
                            : "write 10.0.0.2:5004 or [2001:db8::1]:5004; names are not resolved");
  }
  in6_addr address{};
  std::copy(endpoint.address.begin(), endpoint.address.end(), address.s6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    Endpoint ipv4;
    std::copy(endpoint.address.begin() + 12, endpoint.address.end(), ipv4.address.begin());
    return usage_error(name + ": " + text + " is an IPv4 address in IPv6 clothes",
                       "packets to it leave as IPv4: write " + ipv4.address_text());
  }
  return endpoint;
}

}  // namespace

const char* to_string(Family family) {
  return family == Family::kIpv4 ? "IPv4" : "IPv6";
}

bool Endpoint::is_multicast() const {
  return family == Family::kIpv4 ? (address[0] & 0xf0) == 0xe0 : address[0] == 0xff;
}

bool Endpoint::is_link_local() const {
  return family == Family::kIpv6 && address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

bool Endpoint::is_unspecified() const {
  return std::all_of(address.begin(), address.end(), [](uint8_t byte) { return byte == 0; });
}

std::string Endpoint::address_text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const int family_id = family == Family::kIpv4 ? AF_INET : AF_INET6;
  inet_ntop(family_id, address.data(), buffer.data(), buffer.size());
  return buffer.data();
}

std::string Endpoint::text() const {
  if (port == 0) return address_text();
  const std::string host = family == Family::kIpv4 ? address_text() : "[" + address_text() + "]";
  return host + ":" + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view text, PortRule rule, const std::string& name) {
  const Parts parts = split(text);
  Endpoint endpoint = ZC_TRY(parse_address(parts.address, name));
  if (endpoint.is_unspecified())
    return usage_error(name + ": " + endpoint.address_text() + " stands for no host");
  if (!parts.has_port) {
    if (rule == PortRule::kOptional) return endpoint;
    return usage_error(name + ": '" + std::string(text) + "' has no port",
                       "write the port behind it: 10.0.0.2:5004, [2001:db8::1]:5004");
  }
  endpoint.port =
      static_cast<uint16_t>(ZC_TRY(parse_number(parts.port, 1, 65535, name + ": the port")));
  return endpoint;
}

}  // namespace zc
