// SPDX-License-Identifier: GPL-2.0-only
#include "support/endpoint.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace zc::test {
namespace {

size_t colon_of(const std::string& endpoint) {
  const size_t colon = endpoint.rfind(':');
  if (colon == std::string::npos || colon == 0)
    throw std::invalid_argument("not an address with a port: " + endpoint);
  return colon;
}

}  // namespace

Family family_of(const std::string& endpoint) {
  return endpoint.starts_with('[') ? Family::kIpv6 : Family::kIpv4;
}

Bytes address_of(const std::string& endpoint) {
  const bool v4 = family_of(endpoint) == Family::kIpv4;
  const size_t colon = colon_of(endpoint);
  const std::string host = v4 ? endpoint.substr(0, colon) : endpoint.substr(1, colon - 2);
  Bytes address(v4 ? 4 : 16);
  if (inet_pton(v4 ? AF_INET : AF_INET6, host.c_str(), address.data()) != 1)
    throw std::invalid_argument("not an address: " + endpoint);
  return address;
}

uint16_t port_of(const std::string& endpoint) {
  const int port = std::stoi(endpoint.substr(colon_of(endpoint) + 1));
  if (port < 0 || port > 65535) throw std::invalid_argument("not a port: " + endpoint);
  return static_cast<uint16_t>(port);
}

SocketAddress socket_address(const std::string& endpoint) {
  SocketAddress result;
  const Bytes address = address_of(endpoint);
  if (family_of(endpoint) == Family::kIpv4) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port_of(endpoint));
    std::memcpy(&v4->sin_addr, address.data(), address.size());
    result.length = sizeof(*v4);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port_of(endpoint));
    std::memcpy(&v6->sin6_addr, address.data(), address.size());
    result.length = sizeof(*v6);
  }
  return result;
}

std::string endpoint_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    inet_ntop(AF_INET, &v4->sin_addr, host.data(), host.size());
    return std::string(host.data()) + ":" + std::to_string(ntohs(v4->sin_port));
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
  inet_ntop(AF_INET6, &v6->sin6_addr, host.data(), host.size());
  return "[" + std::string(host.data()) + "]:" + std::to_string(ntohs(v6->sin6_port));
}

}  // namespace zc::test
