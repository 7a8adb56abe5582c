// SPDX-License-Identifier: GPL-2.0-only
#include "route.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace zc::kern {
namespace {

// What is sent to a group leaves by this device, whatever routes say: apps use the same options.
void send_groups_by(const Fd& socket, Family family, unsigned ifindex) {
  if (family == Family::kIpv4) {
    ip_mreqn by{};
    by.imr_ifindex = static_cast<int>(ifindex);
    (void)setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof(by));
  } else {
    (void)setsockopt(socket.get(), IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof(ifindex));
  }
}

}  // namespace

Result<Endpoint> source_towards(const Endpoint& destination, const std::string& dev) {
  const bool ipv4 = destination.family == Family::kIpv4;
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (ipv4) {
    auto* address = reinterpret_cast<sockaddr_in*>(&storage);
    address->sin_family = AF_INET;
    address->sin_port = htons(destination.port);
    std::memcpy(&address->sin_addr, destination.address.data(), sizeof(address->sin_addr));
    length = sizeof(*address);
  } else {
    auto* address = reinterpret_cast<sockaddr_in6*>(&storage);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(destination.port);
    std::memcpy(&address->sin6_addr, destination.address.data(), sizeof(address->sin6_addr));
    length = sizeof(*address);
  }
  // Connecting a datagram socket sends nothing; it only asks the routing table.
  const Fd socket(::socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (socket && destination.is_multicast())
    send_groups_by(socket, destination.family, if_nametoindex(dev.c_str()));
  if (!socket || connect(socket.get(), address, length) != 0 ||
      getsockname(socket.get(), address, &length) != 0)
    return system_error(errno, "no route to " + destination.address_text());
  Endpoint source;
  source.family = destination.family;
  if (ipv4) {
    std::memcpy(source.address.data(), &reinterpret_cast<sockaddr_in*>(address)->sin_addr, 4);
  } else {
    std::memcpy(source.address.data(), &reinterpret_cast<sockaddr_in6*>(address)->sin6_addr, 16);
  }
  return source;
}

}  // namespace zc::kern
