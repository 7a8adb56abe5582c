// SPDX-License-Identifier: GPL-2.0-only
// Other processes' descriptors and sockets, as /proc and pidfd_getfd (Linux 5.6) show them. Looks,
// and changes none.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/socket.h"
#include "base/address.h"
#include "base/fd.h"
#include "base/result.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_NO_CHECK6_TX
#define UDP_NO_CHECK6_TX 101
#endif

namespace zc::kern {

// A pidfd. kNotFound where there is no such process.
Result<Fd> open_process(uint32_t pid);
// A copy of its descriptor. kNotFound where it is not open, kNotPermitted without CAP_SYS_PTRACE.
Result<Fd> take_descriptor(const Fd& process, uint32_t pid, uint32_t fd);

template <typename Value>
std::optional<Value> get_option(const Fd& socket, int level, int name) {
  Value value{};
  socklen_t length = sizeof(value);
  if (getsockopt(socket.get(), level, name, &value, &length) != 0) return std::nullopt;
  return value;
}

uint64_t cookie_of(const Fd& socket);   // SO_COOKIE; 0: it has none
uint32_t segment_of(const Fd& socket);  // UDP_SEGMENT; 0: none
bool is_udp(const Fd& socket);
// Where it is connected to, and bound; IPv4 addresses of an IPv6 socket as IPv4.
std::optional<Endpoint> peer_of(const Fd& socket);
std::optional<Endpoint> local_of(const Fd& socket);
// `family`: that of the packets it sends.
api::SocketOptions options_of(const Fd& socket, Family family);

// The numbers that name the entries of a folder of /proc; empty where it cannot be read.
std::vector<uint32_t> numbers_in(const std::string& folder);
std::string descriptors_folder(uint32_t pid);

}  // namespace zc::kern
