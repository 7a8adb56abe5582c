// SPDX-License-Identifier: GPL-2.0-only
// Two ends of a TCP connection, in one or in two network namespaces. Knows nothing of frames.
#pragma once

#include <base/fd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sender.h"

namespace zc::test {

struct Buffers {
  int bytes = 0;        // SO_SNDBUF and SO_RCVBUF; 0: the kernel's
  bool pauses = false;  // the receiver reads random sizes, at times not at all
};

// Sockets of another network namespace, which `ip netns` knows; "": of this one.
Fd listen_on(const std::string& endpoint, const std::string& netns, int buffer);
Fd connect_to(const std::string& endpoint, int buffer, const std::string& netns = "",
              uint16_t source_port = 0);

struct Heard {
  std::vector<uint8_t> stream;
  std::string fault;  // empty: none
};

// Reads until the other end is through.
Heard hear(int socket, const Buffers& buffers, uint64_t seed);

struct Talk {
  std::string to;     // "10.9.0.2:5004"
  std::string netns;  // of the receiver
  Manner manner;
  Buffers buffers;
  uint64_t seed = 1;
};

struct Said {
  Sent sent;
  Heard heard;
};

Said talk(const Source& source, const Talk& talk);

}  // namespace zc::test
