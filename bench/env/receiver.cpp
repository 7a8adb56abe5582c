// SPDX-License-Identifier: GPL-2.0-only
#include "receiver.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <vector>

#include "os/wait.h"

namespace zc::bench {
namespace {

constexpr uint64_t kOnTheirWay = 256;
constexpr Patience kPatience{std::chrono::microseconds(20), std::chrono::seconds(1)};
constexpr size_t kMessages = 64;

// Room for some datagrams, and a byte more each, so that a longer one shows.
class Inbox {
 public:
  explicit Inbox(size_t datagram_bytes)
      : room_(datagram_bytes + 1), bytes_(kMessages * (datagram_bytes + 1)) {
    for (size_t i = 0; i < kMessages; i++) {
      parts_[i] = {&bytes_[i * room_], room_};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }
  // How many came; 0 or less: none within the socket's timeout.
  int receive(int socket) {
    return recvmmsg(socket, messages_.data(), messages_.size(), MSG_WAITFORONE, nullptr);
  }
  std::span<const uint8_t> datagram(size_t i) const {
    return {&bytes_[i * room_], messages_[i].msg_len};
  }

 private:
  size_t room_;
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
  Inbox inbox(expected_.datagram_bytes());
  for (;;) {
    const int got = inbox.receive(socket_);
    if (got <= 0 && stop_) return;  // not before: one too many shall be seen
    for (int i = 0; i < got; i++)
      check_.datagram(inbox.datagram(static_cast<size_t>(i)));
    if (got > 0) received_ += static_cast<uint64_t>(got);
  }
}

bool Receiver::wait_for(uint64_t packets) {
  return wait_for_count(packets, kPatience, [this] { return received_.load(); });
}

bool Receiver::keep_up(uint64_t sent) {
  return sent < kOnTheirWay || wait_for(sent - kOnTheirWay);
}

void Receiver::drain() {
  (void)wait_for(expected_.stream.packets);
}

Verdict Receiver::verdict() {
  drain();
  stop_ = true;
  thread_.join();
  if (!check_.problem().empty()) return {check_.problem(), {}};
  if (check_.packets() == expected_.stream.packets) return {};
  return {fmt::format("{} of {} packets were received", check_.packets(), expected_.stream.packets),
          {}};
}

}  // namespace zc::bench
