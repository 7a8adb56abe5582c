// SPDX-License-Identifier: GPL-2.0-only
#include "tcp_receiver.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace zc::bench {
namespace {

constexpr size_t kBlockBytes = 256 << 10;

}  // namespace

TcpReceiver::TcpReceiver(int sender, Fd connection, const Expected& expected,
                         uint64_t compare_every)
    : sender_(sender),
      connection_(std::move(connection)),
      expected_(expected),
      compare_every_(compare_every),
      block_(kBlockBytes) {
  const timeval patience{2, 0};
  setsockopt(connection_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  // Wake when a block is there, not for every segment: a receiver that answers each at once makes
  // Nagle's algorithm send small writes one by one, which no network with a distance does. What is
  // left when the sender shuts down wakes all the same.
  const int block_bytes = kBlockBytes;
  setsockopt(connection_.get(), SOL_SOCKET, SO_RCVLOWAT, &block_bytes, sizeof(block_bytes));
  thread_ = std::thread([this] { receive(); });
}

TcpReceiver::~TcpReceiver() {
  TcpReceiver::drain();
}

void TcpReceiver::drain() {
  if (!thread_.joinable()) return;
  shutdown(sender_, SHUT_WR);
  thread_.join();
}

Verdict TcpReceiver::verdict() {
  drain();
  if (!problem_.empty()) return {problem_, {}};
  if (received_ == expected_bytes()) return {};
  return {fmt::format("{} of {} bytes were received", received_, expected_bytes()), {}};
}

void TcpReceiver::receive() {
  while (receive_block()) {
  }
}

// A block ends where the file does, so that it lies in the file as it comes. Each is waited for,
// whether its bytes are looked at or not: else the share that is looked at, which is work in the
// figures, would depend on how the method's bytes come.
bool TcpReceiver::receive_block() {
  const size_t wanted = std::min<uint64_t>(kBlockBytes, file_bytes() - position());
  const bool look = blocks_ % compare_every_ == 0;
  const int flags = look ? MSG_WAITALL : MSG_WAITALL | MSG_TRUNC;
  const ssize_t got = recv(connection_.get(), block_.data(), wanted, flags);
  if (got < 0 && errno == EINTR) return true;
  if (got < 0) problem_ = fmt::format("receive: {}", std::strerror(errno));
  if (got <= 0) return false;
  const auto bytes = static_cast<size_t>(got);
  if (look && problem_.empty() && !compare({block_.data(), bytes}))
    problem_ = fmt::format("other bytes than the file's behind byte {}", received_);
  received_ += bytes;
  blocks_++;
  return true;
}

bool TcpReceiver::compare(std::span<const uint8_t> bytes) const {
  const auto wanted = expected_.file.subspan(position(), bytes.size());
  return std::equal(bytes.begin(), bytes.end(), wanted.begin());
}

uint64_t TcpReceiver::file_bytes() const {
  return expected_.stream.packets_in_file() * expected_.stream.payload_bytes;
}

uint64_t TcpReceiver::position() const {
  return (expected_.stream.first_packet * expected_.stream.payload_bytes + received_) %
         file_bytes();
}

uint64_t TcpReceiver::expected_bytes() const {
  return expected_.stream.packets * expected_.stream.payload_bytes;
}

}  // namespace zc::bench
