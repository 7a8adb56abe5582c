// SPDX-License-Identifier: GPL-2.0-only
#include "foreign.h"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/number.h"

namespace zc::kern {
namespace {

using api::process_text;
using api::socket_text;

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

}  // namespace

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

uint64_t cookie_of(const Fd& socket) {
  return get_option<uint64_t>(socket, SOL_SOCKET, SO_COOKIE).value_or(0);
}
uint32_t segment_of(const Fd& socket) {
  return static_cast<uint32_t>(get_option<int>(socket, IPPROTO_UDP, UDP_SEGMENT).value_or(0));
}
bool is_udp(const Fd& socket) {
  const auto domain = get_option<int>(socket, SOL_SOCKET, SO_DOMAIN);
  return domain && (*domain == AF_INET || *domain == AF_INET6) &&
         get_option<int>(socket, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP;
}

std::optional<Endpoint> peer_of(const Fd& socket) {
  return name_of(socket, getpeername);
}
std::optional<Endpoint> local_of(const Fd& socket) {
  return name_of(socket, getsockname);
}

api::SocketOptions options_of(const Fd& socket, Family family) {
  api::SocketOptions options;
  options.segment_bytes = segment_of(socket);
  const bool ipv4 = family == Family::kIpv4;
  options.no_checksum = get_option<int>(socket, ipv4 ? SOL_SOCKET : IPPROTO_UDP,
                                        ipv4 ? SO_NO_CHECK : UDP_NO_CHECK6_TX)
                            .value_or(0) != 0;
  std::array<char, IF_NAMESIZE> device{};
  socklen_t length = device.size();
  if (getsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, device.data(), &length) == 0)
    options.device = device.data();
  return options;
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

}  // namespace zc::kern
