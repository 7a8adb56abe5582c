// SPDX-License-Identifier: GPL-2.0-only
#include "sockets.h"

#include <netinet/in.h>
#include <netinet/udp.h>
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
#include "kern/netns.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace zc::kern {
namespace {

using api::process_text;
using api::socket_text;

Result<Fd> open_process(uint32_t pid) {
  Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (process) return process;
  if (errno == ESRCH || errno == EINVAL) return not_found_error("there is no " + process_text(pid));
  return system_error(errno, process_text(pid));
}

Result<Fd> take_descriptor(const Fd& process, uint32_t pid, uint32_t fd) {
  Fd copy(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), fd, 0)));
  if (copy) return copy;
  if (errno == EBADF) return not_found_error(socket_text(pid, fd) + ": it is not open");
  Error error = system_error(errno, socket_text(pid, fd));
  if (error.kind == ErrorKind::kNotPermitted) error.hint = "needs CAP_SYS_PTRACE";
  return error;
}

template <typename Value>
std::optional<Value> get_option(const Fd& socket, int level, int name) {
  Value value{};
  socklen_t length = sizeof(value);
  if (getsockopt(socket.get(), level, name, &value, &length) != 0) return std::nullopt;
  return value;
}

uint64_t cookie_of(const Fd& socket) {
  return get_option<uint64_t>(socket, SOL_SOCKET, SO_COOKIE).value_or(0);
}
uint32_t segment_of(const Fd& socket) {
  return static_cast<uint32_t>(get_option<int>(socket, IPPROTO_UDP, UDP_SEGMENT).value_or(0));
}
// errno says why it failed.
bool put_segment(const Fd& socket, uint32_t bytes) {
  const int value = static_cast<int>(bytes);
  return setsockopt(socket.get(), IPPROTO_UDP, UDP_SEGMENT, &value, sizeof(value)) == 0;
}

Endpoint to_endpoint(const sockaddr_storage& storage) {
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    std::memcpy(endpoint.address.data(), &address.sin_addr, sizeof(address.sin_addr));
    endpoint.port = ntohs(address.sin_port);
    return endpoint;
  }
  const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
  const auto* bytes = address.sin6_addr.s6_addr;
  endpoint.port = ntohs(address.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {  // an IPv6 socket that sends IPv4
    std::copy(bytes + 12, bytes + 16, endpoint.address.begin());
    return endpoint;
  }
  endpoint.family = Family::kIpv6;
  std::copy(bytes, bytes + 16, endpoint.address.begin());
  return endpoint;
}

using NameCall = int (*)(int, sockaddr*, socklen_t*);
std::optional<Endpoint> name_of(const Fd& socket, NameCall call) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  if (call(socket.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0) return std::nullopt;
  return to_endpoint(storage);
}

bool is_udp(const Fd& socket) {
  const auto domain = get_option<int>(socket, SOL_SOCKET, SO_DOMAIN);
  return domain && (*domain == AF_INET || *domain == AF_INET6) &&
         get_option<int>(socket, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP;
}

// The socket behind a descriptor; kFailed with the reason where it is not the one that is meant.
Result<api::ForeignSocket> inspect(const Fd& process, uint32_t pid, uint32_t fd, const Endpoint& to,
                                   const std::optional<Endpoint>& from) {
  const Fd socket = ZC_TRY(take_descriptor(process, pid, fd));
  const std::string where = socket_text(pid, fd);
  const auto refuse = [&](const std::string& why) { return failed_error(where + ": " + why); };
  if (!is_udp(socket)) return refuse("it is not a UDP socket");
  const auto cookie = get_option<uint64_t>(socket, SOL_SOCKET, SO_NETNS_COOKIE);
  if (cookie != ZC_TRY(netns_cookie())) return refuse("it is in another network namespace");
  const auto peer = name_of(socket, getpeername);
  if (!peer) return refuse("it is not connected, so nobody knows where it sends");
  if (*peer != to) return refuse("it is connected to " + peer->text() + ", not to " + to.text());
  const auto local = name_of(socket, getsockname);
  if (!local) return refuse("it has no address");
  if (from && (from->address != local->address || (from->port != 0 && from->port != local->port)))
    return refuse("it sends from " + local->text() + ", not from " + from->text());
  struct stat info {};
  if (fstat(socket.get(), &info) != 0) return system_error(errno, where);
  return api::ForeignSocket{pid,    fd,    cookie_of(socket), info.st_ino,
                            *local, *peer, segment_of(socket)};
}

// The numbers that name the entries of a folder of /proc; empty where it cannot be read.
std::vector<uint32_t> numbers_in(const std::string& folder) {
  std::vector<uint32_t> numbers;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const auto number = parse_number(entry.path().filename().string(), 0, UINT32_MAX, "");
    if (number) numbers.push_back(static_cast<uint32_t>(*number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string descriptors_folder(uint32_t pid) {
  return "/proc/" + std::to_string(pid) + "/fd";
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
  if (fd) return std::vector{ZC_TRY(inspect(process, pid, *fd, to, from))};
  std::vector<api::ForeignSocket> found;
  for (const uint32_t each : numbers_in(descriptors_folder(pid))) {
    auto socket = inspect(process, pid, each, to, from);
    if (!socket && socket.error().kind == ErrorKind::kNotPermitted)
      return std::move(socket).error();
    // Two descriptors of one socket are one socket.
    const bool known = socket && std::any_of(found.begin(), found.end(), [&](const auto& other) {
                         return other.cookie == socket->cookie;
                       });
    if (socket && !known) found.push_back(*socket);
  }
  if (!found.empty()) return found;
  return not_found_error(process_text(pid) + " has no UDP socket that is connected to " +
                             to.text() + (from ? " from " + from->text() : ""),
                         "an app that uses sendto() must set UDP_SEGMENT itself");
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
