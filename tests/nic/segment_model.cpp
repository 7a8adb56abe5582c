// SPDX-License-Identifier: GPL-2.0-only
#include "nic/segment_model.h"

#include <algorithm>

namespace zc::test {
namespace {

constexpr size_t kUdpBytes = 8;

}  // namespace

std::string describe(const Call& call) {
  return std::string(to_string(call.way)) + " of " + std::to_string(call.count) + " from " +
         std::to_string(call.offset) + " in segments of " + std::to_string(call.segment) +
         ", head " + std::to_string(call.head);
}

bool is_super(const Call& call) {
  return call.count > call.segment;
}

std::vector<Piece> pieces_of(const Case& c, unsigned mtu, const Call& call) {
  if (!is_super(call)) return {{call.offset, call.count, fate_of(c, mtu, call.count)}};
  const size_t headers = ip_header_bytes(c.family) + kUdpBytes + inserted_bytes(c.checksum);
  if (headers + call.segment > mtu) return {{call.offset, call.count, "oversize"}};
  std::vector<Piece> pieces;
  for (size_t done = 0; done < call.count; done += call.segment) {
    const size_t count = std::min(call.segment, call.count - done);
    pieces.push_back({call.offset + done, count, fate_of(c, mtu, count)});
  }
  return pieces;
}

}  // namespace zc::test
