// SPDX-License-Identifier: GPL-2.0-only
#include "inet.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace zc::kern {

SocketAddress to_socket_address(const Endpoint& endpoint, uint32_t scope) {
  SocketAddress address;
  if (endpoint.family == Family::kIpv4) {
    auto& ipv4 = reinterpret_cast<sockaddr_in&>(address.storage);
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(endpoint.port);
    std::memcpy(&ipv4.sin_addr, endpoint.address.data(), sizeof(ipv4.sin_addr));
    address.length = sizeof(ipv4);
  } else {
    auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(endpoint.port);
    std::memcpy(&ipv6.sin6_addr, endpoint.address.data(), sizeof(ipv6.sin6_addr));
    if (IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr)) ipv6.sin6_scope_id = scope;
    address.length = sizeof(ipv6);
  }
  return address;
}

Endpoint to_endpoint(const SocketAddress& address) {
  Endpoint endpoint;
  if (address.storage.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    std::memcpy(endpoint.address.data(), &ipv4.sin_addr, sizeof(ipv4.sin_addr));
    endpoint.port = ntohs(ipv4.sin_port);
    return endpoint;
  }
  const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
  const uint8_t* bytes = ipv6.sin6_addr.s6_addr;
  endpoint.port = ntohs(ipv6.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr)) {
    std::copy(bytes + 12, bytes + 16, endpoint.address.begin());
  } else {
    endpoint.family = Family::kIpv6;
    std::copy(bytes, bytes + 16, endpoint.address.begin());
  }
  return endpoint;
}

}  // namespace zc::kern
