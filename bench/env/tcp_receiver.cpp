// SPDX-License-Identifier: GPL-2.0-only
#include "tcp_receiver.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace zc::bench {
namespace {

constexpr uint64_t kCompareEvery = 64;

}  // namespace

TcpReceiver::TcpReceiver(int sender, Fd connection, const Expected& expected,
                         uint64_t compare_every)
    : sender_(sender),
      connection_(std::move(connection)),
      check_(TcpStreamCheck::of(expected)),
      compare_every_(compare_every),
      block_(check_->next_block()) {
  const timeval patience{2, 0};
  setsockopt(connection_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  // Wake when a block is there, not for every segment: a receiver that answers each at once makes
  // Nagle's algorithm send small writes one by one, which no network with a distance does. What is
  // left when the sender shuts down wakes all the same.
  const int block_bytes = static_cast<int>(check_->next_block());
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
  if (problem_.empty()) problem_ = check_->problem();
  if (!problem_.empty()) return {problem_, {}};
  const uint64_t expected = check_->expected_bytes();
  if (received_ == expected) return {};
  return {fmt::format("{} of {} bytes were received", received_, expected), {}};
}

void TcpReceiver::receive() {
  while (receive_block()) {
  }
}

// Each block is waited for, whether its bytes are looked at or not: else the share that is looked
// at, which is work in the figures, would depend on how the method's bytes come.
bool TcpReceiver::receive_block() {
  const bool look = blocks_ % compare_every_ == 0;
  const int flags = look ? MSG_WAITALL : MSG_WAITALL | MSG_TRUNC;
  const ssize_t got = recv(connection_.get(), block_.data(), check_->next_block(), flags);
  if (got < 0 && errno == EINTR) return true;
  if (got < 0) problem_ = fmt::format("receive: {}", std::strerror(errno));
  if (got <= 0) return false;
  const auto bytes = static_cast<size_t>(got);
  if (look)
    check_->look({block_.data(), bytes});
  else
    check_->skip(bytes);
  received_ += bytes;
  blocks_++;
  return true;
}

Result<Fd> listen_at_far_end() {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{2, 0};
  const int one = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
      setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd.get(), 1) != 0)
    return system_error(errno, "cannot make a socket to take connections with");
  return fd;
}

Result<Ends> connect_to_listener(const Fd& listener, const Expected& expected, bool inspected) {
  Fd near = ZC_TRY(connect_to_far_end(SOCK_STREAM));
  Fd far(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!far) return system_error(errno, "accept");
  const int sender = near.get();
  return Ends{std::move(near), std::make_unique<TcpReceiver>(sender, std::move(far), expected,
                                                             inspected ? 1 : kCompareEvery)};
}

}  // namespace zc::bench
