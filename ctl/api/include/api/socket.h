// SPDX-License-Identifier: GPL-2.0-only
// A socket of another process, as zcctl reaches it. A value: finding and changing one is
// ctl/kern's.
#pragma once

#include <cstdint>
#include <string>

#include "base/address.h"

namespace zc::api {

struct ForeignSocket {
  uint32_t pid = 0;
  uint32_t fd = 0;      // in that process
  uint64_t cookie = 0;  // SO_COOKIE: tells it from every other socket of this boot
  uint64_t inode = 0;   // finds it again where `fd` is closed and the socket lives on
  Endpoint local, peer;
  uint32_t segment_bytes = 0;  // its UDP_SEGMENT; 0: none

  std::string text() const;  // "process 7, descriptor 3"
};

std::string process_text(uint32_t pid);              // "process 7"
std::string socket_text(uint32_t pid, uint32_t fd);  // "process 7, descriptor 3"

}  // namespace zc::api
