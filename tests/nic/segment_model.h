// SPDX-License-Identifier: GPL-2.0-only
// One call on a socket with UDP_SEGMENT, and what should become of it: udp(7) and interface.md as
// a few lines of arithmetic, apart from the program under test.
#pragma once

#include <string>
#include <vector>

#include "nic/model.h"
#include "support/sender.h"

namespace zc::test {

constexpr size_t kMostCallBytes = 65'507;  // the largest payload of an IPv4 datagram

// `count` bytes from `offset` of a file; `head` as in UdpSocket::send.
struct Call {
  Way way = Way::kSend;
  size_t offset = 0;
  size_t count = 0;
  size_t head = 1;
  size_t segment = 0;  // the socket's UDP_SEGMENT
};
std::string describe(const Call& call);

// Is it a super-packet? What is not longer than one segment is an ordinary datagram.
bool is_super(const Call& call);

struct Piece {
  size_t offset = 0;  // into the file
  size_t count = 0;
  std::string fate;  // the counter that it ends in
};
// What the call is cut into; one piece where the whole call meets one fate.
std::vector<Piece> pieces_of(const Case& c, unsigned mtu, const Call& call);

}  // namespace zc::test
