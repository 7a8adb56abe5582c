// SPDX-License-Identifier: GPL-2.0-only
#include "sockets.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fd.h"
#include "base/number.h"
#include "foreign.h"
#include "kern/netns.h"
#include "route.h"

namespace zc::kern {
namespace {

using api::process_text;
using api::socket_text;

// errno says why it failed.
bool put_segment(const Fd& socket, uint32_t bytes) {
  const int value = static_cast<int>(bytes);
  return setsockopt(socket.get(), IPPROTO_UDP, UDP_SEGMENT, &value, sizeof(value)) == 0;
}

// By the namespace that the socket was made in, which its process may have left. Nothing: a kernel
// or a user namespace that does not tell.
std::optional<api::Route> route_of(const Fd& socket, const Endpoint& to) {
  const Fd netns(ioctl(socket.get(), SIOCGSKNS));
  std::optional<api::Route> found;
  if (!netns) return found;
  (void)in_netns("/proc/self/fd/" + std::to_string(netns.get()), [&] {
    const auto route = find_route(to, std::nullopt);
    if (route) found = *route;
  });
  return found;
}

// A container's packets come to the host's devices only where they leave the container.
Status check_leaves_netns(const Fd& socket, const std::string& where, const Endpoint& to) {
  const auto route = route_of(socket, to);
  if (!route || route->kind != api::Route::Kind::kLocal) return ok();
  return failed_error(where + ": it is in another network namespace, where " + to.address_text() +
                      " is its own address: nothing of it leaves there");
}

Status check_source(const std::string& socket, const Endpoint& local,
                    const std::optional<Endpoint>& from) {
  if (!from || (from->address == local.address && (from->port == 0 || from->port == local.port)))
    return ok();
  return failed_error(socket + ": it sends from " + local.text() + ", not from " + from->text());
}

// The socket behind a descriptor; kFailed with the reason where it is not the one that is meant.
// `goes_there`: that reason was not its destination.
Result<api::ForeignSocket> inspect(const Fd& process, uint32_t pid, uint32_t fd, const Endpoint& to,
                                   const std::optional<Endpoint>& from, bool& goes_there) {
  const Fd socket = ZC_TRY(take_descriptor(process, pid, fd));
  const std::string where = socket_text(pid, fd);
  const auto refuse = [&](const std::string& why) { return failed_error(where + ": " + why); };
  if (!is_udp(socket)) return refuse("it is not a UDP socket");
  const auto cookie = get_option<uint64_t>(socket, SOL_SOCKET, SO_NETNS_COOKIE);
  const bool here = cookie == ZC_TRY(netns_cookie());
  const auto peer = peer_of(socket);
  if (!peer) return refuse("it is not connected, so nobody knows where it sends");
  if (*peer != to) return refuse("it is connected to " + peer->text() + ", not to " + to.text());
  goes_there = true;
  const auto local = local_of(socket);
  if (!local) return refuse("it has no address");
  // A NAT on its way out may give it the rule's source.
  ZC_TRY(here ? check_source(where, *local, from) : check_leaves_netns(socket, where, to));
  struct stat info {};
  if (fstat(socket.get(), &info) != 0) return system_error(errno, where);
  const api::SocketOptions options = options_of(socket, peer->family);
  return api::ForeignSocket{.pid = pid,
                            .fd = fd,
                            .cookie = cookie_of(socket),
                            .inode = info.st_ino,
                            .local = *local,
                            .peer = *peer,
                            .segment_bytes = options.segment_bytes,
                            .no_checksum = options.no_checksum,
                            .here = here};
}

// True: the process is there, and what it has open is not ours to see.
bool closed_to_us(uint32_t pid) {
  std::error_code failure;
  const std::filesystem::directory_iterator entries(descriptors_folder(pid), failure);
  if (failure || entries == std::filesystem::directory_iterator())
    return failure == std::errc::permission_denied;
  (void)std::filesystem::read_symlink(entries->path(), failure);
  return failure == std::errc::permission_denied;
}

bool is_socket(uint32_t pid, uint32_t fd, uint64_t inode) {
  std::error_code ignored;
  const auto target =
      std::filesystem::read_symlink(descriptors_folder(pid) + "/" + std::to_string(fd), ignored);
  return target == "socket:[" + std::to_string(inode) + "]";
}

// True: the process holds the socket, and its segment size is as it was. kNotPermitted where the
// process is closed to us.
Result<bool> restore_in(uint32_t pid, uint64_t cookie, const zc_socket_note& note) {
  for (const uint32_t fd : numbers_in(descriptors_folder(pid))) {
    if (!is_socket(pid, fd, note.inode)) continue;
    const auto process = open_process(pid);
    if (!process) return false;
    const auto socket = take_descriptor(*process, pid, fd);
    if (!socket && socket.error().kind == ErrorKind::kNotPermitted) return socket.error();
    if (!socket || cookie_of(*socket) != cookie) continue;
    if (is_ours(note, segment_of(*socket)) && !put_segment(*socket, note.old_segment))
      return system_error(errno, socket_text(pid, fd) + ": cannot put UDP_SEGMENT back");
    return true;
  }
  return false;
}

}  // namespace

Result<std::vector<api::ForeignSocket>> find_sockets(uint32_t pid, std::optional<uint32_t> fd,
                                                     const Endpoint& to,
                                                     const std::optional<Endpoint>& from) {
  const Fd process = ZC_TRY(open_process(pid));
  bool goes_there = false;
  if (fd) return std::vector{ZC_TRY(inspect(process, pid, *fd, to, from, goes_there))};
  std::vector<api::ForeignSocket> found;
  Error none =
      not_found_error(process_text(pid) + " has no UDP socket that is connected to " + to.text(),
                      "an app that uses sendto() must set UDP_SEGMENT itself");
  for (const uint32_t each : numbers_in(descriptors_folder(pid))) {
    goes_there = false;
    auto socket = inspect(process, pid, each, to, from, goes_there);
    if (!socket && socket.error().kind == ErrorKind::kNotPermitted)
      return std::move(socket).error();
    if (!socket && goes_there) none = not_found_error(socket.error().message);
    // Two descriptors of one socket are one socket.
    const bool known = socket && std::any_of(found.begin(), found.end(), [&](const auto& other) {
                         return other.cookie == socket->cookie;
                       });
    if (socket && !known) found.push_back(*socket);
  }
  return found.empty() ? Result<std::vector<api::ForeignSocket>>(std::move(none)) : found;
}

Status set_segment(const api::ForeignSocket& wanted, uint32_t bytes) {
  const Fd process = ZC_TRY(open_process(wanted.pid));
  const Fd socket = ZC_TRY(take_descriptor(process, wanted.pid, wanted.fd));
  if (cookie_of(socket) != wanted.cookie)
    return not_found_error(wanted.text() + ": it is another socket now");
  if (put_segment(socket, bytes)) return ok();
  return system_error(errno, wanted.text() + ": cannot set UDP_SEGMENT");
}

bool is_ours(const zc_socket_note& note, uint32_t bytes) {
  return bytes == note.new_segment || bytes == note.last_segment;
}

Status restore_segment(uint64_t cookie, const zc_socket_note& note) {
  if (closed_to_us(note.pid)) {
    return not_permitted_error("cannot put UDP_SEGMENT of " + process_text(note.pid) + " back",
                               "needs CAP_SYS_PTRACE");
  }
  if (ZC_TRY(restore_in(note.pid, cookie, note))) return ok();
  // Inherited or handed over: somebody else may hold it.
  for (const uint32_t pid : numbers_in("/proc")) {
    if (ZC_TRY(restore_in(pid, cookie, note))) return ok();
  }
  return ok();
}

}  // namespace zc::kern
