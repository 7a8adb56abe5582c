// SPDX-License-Identifier: GPL-2.0-only
// A socket of another process, as zcctl reaches it. A value: finding and changing one is
// ctl/kern's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace zc::api {

// What an app has set on a socket, as far as it decides about its packets.
struct SocketOptions {
  uint32_t segment_bytes = 0;  // UDP_SEGMENT; 0: none
  bool no_checksum = false;    // SO_NO_CHECK, or UDP_NO_CHECK6_TX for a peer of IPv6
  std::string device;          // SO_BINDTODEVICE; empty: none
};

// A UDP socket that is connected to a destination, wherever it lives.
struct AppSocket {
  Endpoint local, peer;
  uint64_t inode = 0;
  bool here = true;     // in this network namespace
  uint32_t pid = 0;     // of a process that has it open; 0: none that can be seen
  uint32_t fd = 0;      // in that process
  std::string command;  // that process's name
  std::optional<SocketOptions> options{};  // nothing: not ours to see

  std::string text() const;  // "process 7 (ffmpeg), descriptor 3"
};

struct AppSockets {
  std::vector<AppSocket> list;
  bool complete = true;  // false: some network namespaces could not be entered
};

struct ForeignSocket {
  uint32_t pid = 0;
  uint32_t fd = 0;      // in that process
  uint64_t cookie = 0;  // SO_COOKIE: tells it from every other socket of this boot
  uint64_t inode = 0;   // finds it again where `fd` is closed and the socket lives on
  Endpoint local, peer;
  uint32_t segment_bytes = 0;  // its UDP_SEGMENT; 0: none
  bool no_checksum = false;    // the kernel refuses to send many packets a call
  bool here = true;            // in this network namespace

  std::string text() const;  // "process 7, descriptor 3"
};

std::string process_text(uint32_t pid);              // "process 7"
std::string socket_text(uint32_t pid, uint32_t fd);  // "process 7, descriptor 3"

}  // namespace zc::api
