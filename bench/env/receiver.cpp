#include "bench/env/receiver.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <vector>

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr uint64_t kOnTheirWay = 256;
constexpr std::chrono::seconds kPatience{1};
constexpr std::chrono::microseconds kNap{20};
constexpr size_t kMessages = 64;
constexpr size_t kLargestDatagram = 9000;

// Room for some datagrams.
class Inbox {
 public:
  Inbox() : bytes_(kMessages * kLargestDatagram) {
    for (size_t i = 0; i < kMessages; i++) {
      parts_[i] = {&bytes_[i * kLargestDatagram], kLargestDatagram};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  // How many came; 0 or less: none within the socket's timeout.
  int receive(int socket) {
    return recvmmsg(socket, messages_.data(), messages_.size(), MSG_WAITFORONE, nullptr);
  }
  std::span<const uint8_t> datagram(size_t i) const {
    return {&bytes_[i * kLargestDatagram], messages_[i].msg_len};
  }

 private:
  std::vector<uint8_t> bytes_;
  std::array<iovec, kMessages> parts_{};
  std::array<mmsghdr, kMessages> messages_{};
};

}  // namespace

Receiver::Receiver(int socket, const Expected& expected, uint64_t compare_every)
    : socket_(socket), expected_(expected), check_(expected, compare_every) {
  thread_ = std::thread([this] { receive(); });
}

Receiver::~Receiver() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void Receiver::receive() {
  Inbox inbox;
  while (!stop_) {
    const int got = inbox.receive(socket_);
    for (int i = 0; i < got; i++)
      check_.datagram(inbox.datagram(static_cast<size_t>(i)));
    if (got > 0) received_ += static_cast<uint64_t>(got);
  }
}

// False: none came for a second.
bool Receiver::wait_for(uint64_t packets) {
  uint64_t seen = received_;
  auto deadline = Clock::now() + kPatience;
  while (seen < packets) {
    std::this_thread::sleep_for(kNap);
    const uint64_t now = received_;
    if (now != seen) deadline = Clock::now() + kPatience;
    if (Clock::now() > deadline) return false;
    seen = now;
  }
  return true;
}

bool Receiver::keep_up(uint64_t sent) {
  return sent < kOnTheirWay || wait_for(sent - kOnTheirWay);
}

Verdict Receiver::verdict() {
  const bool all = wait_for(expected_.stream.packets);
  stop_ = true;
  thread_.join();
  if (!check_.problem().empty()) return {check_.problem(), {}};
  if (all && check_.packets() == expected_.stream.packets) return {};
  return {fmt::format("{} of {} packets were received", check_.packets(), expected_.stream.packets),
          {}};
}

}  // namespace zc::bench
