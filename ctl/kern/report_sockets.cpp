// SPDX-License-Identifier: GPL-2.0-only
#include "report_sockets.h"

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace zc::kern {
namespace {

constexpr uint8_t kDscp = 0xfc;  // of TOS; the rest is the network's (RFC 3168)

void set(const Fd& socket, int level, int option, int value) {
  (void)setsockopt(socket.get(), level, option, &value, sizeof(value));
}

// A group's packets come by its device alone, and to no other socket's harm.
int join(const Fd& socket, const Endpoint& group, uint32_t ifindex) {
  if (group.family == Family::kIpv4) {
    ip_mreqn request{};
    std::memcpy(&request.imr_multiaddr, group.address.data(), sizeof(request.imr_multiaddr));
    request.imr_ifindex = static_cast<int>(ifindex);
    set(socket, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    return setsockopt(socket.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof(request));
  }
  ipv6_mreq request{};
  std::memcpy(&request.ipv6mr_multiaddr, group.address.data(), sizeof(request.ipv6mr_multiaddr));
  request.ipv6mr_ifindex = static_cast<int>(ifindex);
  set(socket, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
  return setsockopt(socket.get(), IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof(request));
}

Fd open_udp(const Endpoint& local) {
  const int family = local.family == Family::kIpv4 ? AF_INET : AF_INET6;
  Fd socket(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return socket;
  if (family == AF_INET6) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  set(socket, SOL_SOCKET, SO_BROADCAST, 1);
  return socket;
}

// The options of one packet (ip(7), ipv6(7)).
class Options {
 public:
  explicit Options(msghdr& message) : message_(message) {
    message_.msg_control = buffer_.data();
    message_.msg_controllen = 0;
  }
  template <typename Value>
  void add(int level, int type, const Value& value) {
    auto* const header = reinterpret_cast<cmsghdr*>(buffer_.data() + message_.msg_controllen);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof(value));
    std::memcpy(CMSG_DATA(header), &value, sizeof(value));
    message_.msg_controllen += CMSG_SPACE(sizeof(value));
  }

 private:
  msghdr& message_;
  alignas(cmsghdr) std::array<char, 256> buffer_{};
};

void add_ipv4(Options& options, const api::ReportPath& path) {
  if (path.ttl != 0) options.add(IPPROTO_IP, IP_TTL, int{path.ttl});
  if (path.tos & kDscp) options.add(IPPROTO_IP, IP_TOS, int{path.tos & kDscp});
  if (!path.destination.is_multicast()) return;
  in_pktinfo by{};
  by.ipi_ifindex = static_cast<int>(path.ifindex);
  options.add(IPPROTO_IP, IP_PKTINFO, by);
}

void add_ipv6(Options& options, const api::ReportPath& path) {
  if (path.ttl != 0) options.add(IPPROTO_IPV6, IPV6_HOPLIMIT, int{path.ttl});
  if (path.tos & kDscp) options.add(IPPROTO_IPV6, IPV6_TCLASS, int{path.tos & kDscp});
  if (!path.destination.is_multicast()) return;
  in6_pktinfo by{};
  by.ipi6_ifindex = static_cast<int>(path.ifindex);
  options.add(IPPROTO_IPV6, IPV6_PKTINFO, by);
}

}  // namespace

// Binds there, or joins that group there; kNone with errno in `why`. Whoever shares it is counted.
uint64_t ReportSockets::take(const Place& place, uint32_t scope, int& why) {
  const auto known = places_.find(place);
  if (known != places_.end()) {
    sockets_.at(known->second).users++;
    return known->second;
  }
  Fd socket = open_udp(place.local);
  const bool group = place.local.is_multicast();
  if (group) set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  SocketAddress address = to_socket_address(place.local, scope);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = last_socket_ + 1}};
  if (!socket || bind(socket.get(), address.get(), address.length) != 0 ||
      (group && join(socket, place.local, place.ifindex) != 0) ||
      epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.get(), &event) != 0) {
    why = errno;
    return kNone;
  }
  const uint64_t number = ++last_socket_;
  places_[place] = number;
  sockets_[number] = Socket{std::move(socket), place, 1};
  return number;
}

// At the source's own address, the odd port behind an even one (RFC 3550 11): behind an odd one is
// another application's RTP. Else at another port; else at any address, where the source is not
// this host's.
uint64_t ReportSockets::take_sender(const api::ReportPath& path) {
  Place place{path.source, path.source.is_link_local() ? path.ifindex : 0};
  int why = EADDRINUSE;
  uint64_t number = kNone;
  if (place.local.port != 0 && place.local.port % 2 == 0) {
    place.local.port++;
    number = take(place, path.ifindex, why);
  }
  place.local.port = 0;
  if (number == kNone && why != EADDRNOTAVAIL) number = take(place, path.ifindex, why);
  place.local.address = {};
  return number != kNone ? number : take(place, path.ifindex, why);
}

uint32_t ReportSockets::open(const api::ReportPath& path) {
  Path opened{path};
  opened.sends = take_sender(path);
  int ignored = 0;
  if (path.destination.is_multicast() && !path.mux)
    opened.hears = take({path.destination, path.ifindex}, path.ifindex, ignored);
  const uint32_t number = ++last_path_;
  paths_[number] = opened;
  return number;
}

void ReportSockets::release(uint64_t number) {
  const auto found = sockets_.find(number);
  if (found == sockets_.end() || --found->second.users > 0) return;
  places_.erase(found->second.place);
  sockets_.erase(found);  // closing it takes it out of epoll
}

void ReportSockets::close(uint32_t path) {
  const auto found = paths_.find(path);
  if (found == paths_.end()) return;
  release(found->second.sends);
  release(found->second.hears);
  paths_.erase(found);
}

int ReportSockets::send(uint32_t path, std::span<const uint8_t> packet) {
  const auto found = paths_.find(path);
  if (found == paths_.end()) return ENOTCONN;
  const api::ReportPath& way = found->second.path;
  const auto socket = sockets_.find(found->second.sends);
  if (socket == sockets_.end()) return EMFILE;
  SocketAddress to = to_socket_address(way.destination, way.ifindex);
  iovec bytes{const_cast<uint8_t*>(packet.data()), packet.size()};
  msghdr message{};
  message.msg_name = to.get();
  message.msg_namelen = to.length;
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  Options options(message);
  if (way.destination.family == Family::kIpv4)
    add_ipv4(options, way);
  else
    add_ipv6(options, way);
  if (way.marked) options.add(SOL_SOCKET, SO_MARK, uint32_t{ZC_RTCP_MARK});
  return sendmsg(socket->second.fd.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

std::optional<ReportSockets::Packet> ReportSockets::receive(uint64_t number) {
  const auto socket = sockets_.find(number);
  if (socket == sockets_.end()) return std::nullopt;
  SocketAddress from;
  iovec bytes{buffer_.data(), buffer_.size()};
  msghdr message{};
  message.msg_name = from.get();
  message.msg_namelen = from.length;
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  const auto got = recvmsg(socket->second.fd.get(), &message, MSG_DONTWAIT);
  if (got < 0) return std::nullopt;
  return Packet{to_endpoint(from),
                {buffer_.data(), static_cast<size_t>(got)},
                (message.msg_flags & MSG_TRUNC) != 0};
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  rlim_t most = limit.rlim_max;
  std::ifstream("/proc/sys/fs/nr_open") >> most;
  const rlimit wanted{std::max(most, limit.rlim_max), std::max(most, limit.rlim_max)};
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;  // with CAP_SYS_RESOURCE
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace zc::kern
