#include "bench/env/tcp_receiver.h"

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
  thread_ = std::thread([this] { receive(); });
}

TcpReceiver::~TcpReceiver() {
  drain();
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
  while (receive_block())
    blocks_++;
}

// A block ends where the file does, so that it lies in the file as it comes.
bool TcpReceiver::receive_block() {
  const uint64_t file_bytes = expected_.stream.packets_in_file() * expected_.stream.payload_bytes;
  const uint64_t left = file_bytes - received_ % file_bytes;
  const size_t wanted = std::min<uint64_t>(kBlockBytes, left);
  const bool look = blocks_ % compare_every_ == 0;
  const ssize_t got =
      recv(connection_.get(), block_.data(), wanted, look ? MSG_WAITALL : MSG_TRUNC);
  if (got < 0 && errno == EINTR) return true;
  if (got < 0) problem_ = fmt::format("receive: {}", std::strerror(errno));
  if (got <= 0) return false;
  const auto bytes = static_cast<size_t>(got);
  if (look && problem_.empty() && !compare({block_.data(), bytes}))
    problem_ = fmt::format("other bytes than the file's behind byte {}", received_);
  received_ += bytes;
  return true;
}

bool TcpReceiver::compare(std::span<const uint8_t> bytes) const {
  const uint64_t file_bytes = expected_.stream.packets_in_file() * expected_.stream.payload_bytes;
  const auto wanted = expected_.file.subspan(received_ % file_bytes, bytes.size());
  return std::equal(bytes.begin(), bytes.end(), wanted.begin());
}

uint64_t TcpReceiver::expected_bytes() const {
  return expected_.stream.packets * expected_.stream.payload_bytes;
}

}  // namespace zc::bench
