// SPDX-License-Identifier: GPL-2.0-only
// Sockets for RTCP: as few as there can be, each at the neighbour of a stream's port where that is
// free. Knows nothing of what is sent.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "api/rtcp.h"
#include "base/fd.h"
#include "base/result.h"
#include "inet.h"

namespace zc::kern {

class ReportSockets {
 public:
  struct Packet {
    Endpoint from;
    std::span<const uint8_t> bytes;  // valid until the next one
    bool cut = false;
  };

  // `epoll`: told of every socket, with its number.
  explicit ReportSockets(int epoll) : epoll_(epoll) {}

  uint32_t open(const api::ReportPath& path);
  void close(uint32_t path);
  int send(uint32_t path, std::span<const uint8_t> packet);  // 0, or errno
  // Nothing where the socket has no more.
  std::optional<Packet> receive(uint64_t number);

 private:
  static constexpr size_t kMostBytes = 9216;  // a jumbo frame: nobody sends longer RTCP
  static constexpr uint64_t kNone = 0;

  // Where a socket is bound: an address or any; port 0: any one; ifindex: a group's device.
  struct Place {
    Endpoint local;
    uint32_t ifindex = 0;
    auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): of its 0
  };
  struct Socket {
    Fd fd;
    Place place;
    uint32_t users = 0;
  };
  struct Path {
    api::ReportPath path;
    uint64_t sends = kNone, hears = kNone;  // sockets' numbers
  };

  uint64_t take_sender(const api::ReportPath& path);
  uint64_t take(const Place& place, uint32_t scope, int& why);
  void release(uint64_t number);

  int epoll_;
  uint64_t last_socket_ = kNone;
  uint32_t last_path_ = 0;
  std::map<Place, uint64_t> places_;
  std::unordered_map<uint64_t, Socket> sockets_;
  std::unordered_map<uint32_t, Path> paths_;
  std::array<uint8_t, kMostBytes> buffer_{};
};

// As many descriptors as the system gives.
void raise_descriptor_limit();

}  // namespace zc::kern
