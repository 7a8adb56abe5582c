// SPDX-License-Identifier: GPL-2.0-only
#include "route.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "device.h"
#include "rtnetlink.h"

namespace zc::kern {
namespace {

using Kind = api::Route::Kind;

uint8_t address_family(const Endpoint& endpoint) {
  return endpoint.family == Family::kIpv4 ? AF_INET : AF_INET6;
}
uint8_t address_bytes(const Endpoint& endpoint) {
  return endpoint.family == Family::kIpv4 ? 4 : 16;
}

void put_address(nlmsghdr* request, uint16_t attribute, const Endpoint& endpoint) {
  mnl_attr_put(request, attribute, address_bytes(endpoint), endpoint.address.data());
}

Endpoint read_address(const void* bytes, size_t length) {
  Endpoint endpoint;
  endpoint.family = length == 4 ? Family::kIpv4 : Family::kIpv6;
  std::memcpy(endpoint.address.data(), bytes, std::min(length, endpoint.address.size()));
  return endpoint;
}

Kind to_kind(unsigned char type) {
  switch (type) {
    case RTN_UNICAST:
      return Kind::kUnicast;
    case RTN_LOCAL:
    case RTN_ANYCAST:
      return Kind::kLocal;
    case RTN_MULTICAST:
      return Kind::kMulticast;
    case RTN_BROADCAST:
      return Kind::kBroadcast;
    default:
      return Kind::kDiscards;
  }
}

void read_route_attribute(const nlattr* attribute, api::Route& route, bool& expires) {
  switch (mnl_attr_get_type(attribute)) {
    case RTA_OIF:
      route.ifindex = mnl_attr_get_u32(attribute);
      break;
    case RTA_GATEWAY:
      route.gateway =
          read_address(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
      break;
    case RTA_VIA: {  // an IPv6 gateway of an IPv4 route: struct rtvia
      const auto* via = static_cast<const uint8_t*>(mnl_attr_get_payload(attribute));
      constexpr size_t kFamily = sizeof(__kernel_sa_family_t);
      route.gateway = read_address(via + kFamily, mnl_attr_get_payload_len(attribute) - kFamily);
      break;
    }
    case RTA_CACHEINFO:
      expires =
          static_cast<const rta_cacheinfo*>(mnl_attr_get_payload(attribute))->rta_expires != 0;
      break;
    case RTA_METRICS:
      for_each_nested(attribute, [&](const nlattr* nested) {
        if (mnl_attr_get_type(nested) == RTAX_MTU) route.mtu = mnl_attr_get_u32(nested);
      });
      break;
    default:
      break;
  }
}

api::Route read_route(const nlmsghdr* message) {
  const auto* about = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  api::Route route;
  route.kind = to_kind(about->rtm_type);
  bool expires = false;
  for_each_attribute(message, sizeof(*about), [&](const nlattr* attribute) {
    read_route_attribute(attribute, route, expires);
  });
  // What a router told is a clone of the route that ends (net/ipv4/route.c, rt_fill_info).
  const bool learned = expires && (about->rtm_flags & RTM_F_CLONED) != 0;
  if (route.mtu != 0) route.mtu_of = learned ? api::Route::Mtu::kLearned : api::Route::Mtu::kRoute;
  return route;
}

// The kernel's errors for "no route" and for the routes that discard (fib_props).
std::optional<api::Route> route_of_refusal(int why) {
  api::Route route;
  if (why == ENETUNREACH) return route;
  route.kind = Kind::kDiscards;
  if (why == EHOSTUNREACH || why == EACCES || why == EINVAL) return route;
  return std::nullopt;
}

// The device of a route, what is below it, and the MTU that it gives where the route says none.
Status add_device(api::Route& route) {
  if (route.ifindex == 0) return ok();
  route.dev = device_name(route.ifindex);
  const DeviceStack stack = ZC_TRY(find_stack(route.ifindex));
  route.leaves_by = stack.devices;
  if (route.mtu == 0) route.mtu = stack.mtu;
  return ok();
}

// A failure stays in the table until its place is needed. Whose packets wait for the answer is
// asked for again at once: an older one says nothing about today.
bool is_stale(uint32_t age) {
  constexpr uint32_t kSeconds = 10, kTicks = 100;  // USER_HZ
  return age > kSeconds * kTicks;
}

// `age`: since the state last changed (nda_cacheinfo, ndm_updated).
api::Neighbour to_neighbour(uint16_t state, uint32_t age) {
  if (state & NUD_FAILED) return is_stale(age) ? api::Neighbour::kUnknown : api::Neighbour::kFailed;
  if (state & NUD_INCOMPLETE) return api::Neighbour::kWaiting;
  return state == NUD_NONE ? api::Neighbour::kUnknown : api::Neighbour::kReachable;
}

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

Result<api::Route> find_route(const Endpoint& to, const std::optional<Endpoint>& from) {
  std::array<char, 512> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETROUTE;
  auto* about = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(rtmsg)));
  about->rtm_family = address_family(to);
  about->rtm_dst_len = static_cast<uint8_t>(8 * address_bytes(to));
  put_address(request, RTA_DST, to);
  if (from) {
    about->rtm_src_len = static_cast<uint8_t>(8 * address_bytes(*from));
    put_address(request, RTA_SRC, *from);
  }
  mnl_attr_put_u8(request, RTA_IP_PROTO, IPPROTO_UDP);
  if (to.port != 0) mnl_attr_put_u16(request, RTA_DPORT, htons(to.port));
  api::Route route;
  Status asked = ask(request, "cannot look up the route to " + to.address_text(),
                     [&](const nlmsghdr* message) { route = read_route(message); });
  if (!asked) {
    const auto refused = route_of_refusal(asked.error().system_errno);
    return refused ? Result<api::Route>(*refused) : std::move(asked).error();
  }
  ZC_TRY(add_device(route));
  return route;
}

Result<api::Neighbour> find_neighbour(uint32_t ifindex, const Endpoint& address) {
  std::array<char, 256> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETNEIGH;
  auto* about = static_cast<ndmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(ndmsg)));
  about->ndm_family = address_family(address);
  api::Neighbour found = api::Neighbour::kUnknown;
  ZC_TRY(dump(request, [&](const nlmsghdr* message) {
    const auto* entry = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(message));
    if (entry->ndm_ifindex != static_cast<int>(ifindex)) return;
    bool is_it = false;
    uint32_t age = 0;
    for_each_attribute(message, sizeof(*entry), [&](const nlattr* attribute) {
      const void* payload = mnl_attr_get_payload(attribute);
      if (mnl_attr_get_type(attribute) == NDA_DST)
        is_it =
            read_address(payload, mnl_attr_get_payload_len(attribute)).address == address.address;
      if (mnl_attr_get_type(attribute) == NDA_CACHEINFO)
        age = static_cast<const nda_cacheinfo*>(payload)->ndm_updated;
    });
    if (is_it) found = to_neighbour(entry->ndm_state, age);
  }));
  return found;
}

}  // namespace zc::kern
