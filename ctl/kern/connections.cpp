// SPDX-License-Identifier: GPL-2.0-only
#include "connections.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "foreign.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

namespace zc::kern {
namespace {

bool is_tcp(const Fd& socket) {
  return get_option<int>(socket, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP;
}

// A sockmap takes no others (sock_map_sk_state_allowed).
bool is_established(const Fd& socket) {
  const auto info = get_option<tcp_info>(socket, IPPROTO_TCP, TCP_INFO);
  return info && info->tcpi_state == TCP_ESTABLISHED;
}

// The upper layer protocol that a socket has, "tls"; empty: none.
std::string upper_layer(const Fd& socket) {
  std::array<char, 16> name{};
  socklen_t length = name.size() - 1;
  if (getsockopt(socket.get(), IPPROTO_TCP, TCP_ULP, name.data(), &length) != 0) return "";
  return name.data();
}

struct Wanted {
  const Endpoint& to;
  uint16_t local_port;

  bool fits(const Endpoint& local, const Endpoint& peer) const {
    return to.port != 0 ? peer == to : local.port == local_port;
  }
  std::string text() const {
    return to.port != 0 ? "to " + to.text() : "of port " + std::to_string(local_port);
  }
};

// The connection behind a descriptor; kFailed with the reason where it is not one that is meant.
Result<api::Connection> inspect(const Fd& process, uint32_t pid, uint32_t fd,
                                const Wanted& wanted) {
  const Fd socket = ZC_TRY(take_descriptor(process, pid, fd));
  api::Connection found{.pid = pid, .fd = fd};
  const auto refuse = [&](const std::string& why) {
    return failed_error(found.text() + ": " + why);
  };
  if (!is_tcp(socket)) return refuse("it is not a TCP socket");
  const auto local = local_of(socket), peer = peer_of(socket);
  if (!local || !peer || !is_established(socket)) return refuse("it is not connected");
  if (!wanted.fits(*local, *peer))
    return refuse("it is a connection of " + local->text() + " to " + peer->text() + ", not one " +
                  wanted.text());
  found.local = *local;
  found.peer = *peer;
  found.cookie = cookie_of(socket);
  found.netns_cookie = get_option<uint64_t>(socket, SOL_SOCKET, SO_NETNS_COOKIE).value_or(0);
  return found;
}

}  // namespace

Result<std::vector<api::Connection>> find_connections(uint32_t pid, std::optional<uint32_t> fd,
                                                      const Endpoint& to, uint16_t local_port) {
  const Wanted wanted{to, local_port};
  const Fd process = ZC_TRY(open_process(pid));
  if (fd) return std::vector{ZC_TRY(inspect(process, pid, *fd, wanted))};
  std::vector<api::Connection> found;
  for (const uint32_t each : numbers_in(descriptors_folder(pid))) {
    auto connection = inspect(process, pid, each, wanted);
    if (!connection && connection.error().kind == ErrorKind::kNotPermitted)
      return std::move(connection).error();
    // Two descriptors of one socket are one connection.
    const bool fresh = connection && std::ranges::find(found, connection->cookie,
                                                       &api::Connection::cookie) == found.end();
    if (fresh) found.push_back(*connection);
  }
  if (!found.empty()) return found;
  return not_found_error(api::process_text(pid) + " has no TCP connection " + wanted.text(),
                         "`ss -tnp` lists them; a cgroup's rule takes those that come");
}

Result<Fd> open_connection(const api::Connection& connection) {
  const Fd process = ZC_TRY(open_process(connection.pid));
  Fd socket = ZC_TRY(take_descriptor(process, connection.pid, connection.fd));
  if (cookie_of(socket) != connection.cookie)
    return not_found_error(connection.text() + ": it is another socket now");
  const std::string upper = upper_layer(socket);
  if (upper.empty()) return socket;
  return unsupported_error(connection.text() + ": the kernel has " + upper +
                           " on it, which takes what is written there before frames could be made");
}

}  // namespace zc::kern
