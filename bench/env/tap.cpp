// SPDX-License-Identifier: GPL-2.0-only
#include "env/tap.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "env/frame.h"

namespace zc::bench {
namespace {

constexpr int kPatienceMs = 200;
constexpr int kLastPatienceMs = 10;
constexpr int kBufferBytes = 256 << 20;  // a limit, not an allocation
constexpr size_t kLargestFrame = 70000;

class Tap : public FarEnd {
 public:
  Tap(const Expected& expected, Fd socket)
      : expected_(expected),
        socket_(std::move(socket)),
        check_(expected, 1),
        reader_(kPort, [this](ByteView payload) { check_.datagram(payload); }) {}

  Verdict verdict() override {
    // Reads on after the last: one too many shall be seen.
    while (read_frame(socket_, is_complete() ? kLastPatienceMs : kPatienceMs, reader_)) {
    }
    Verdict verdict;
    verdict.checksum = reader_.device_checksums() != 0 ? "device" : "kernel";
    verdict.problem = check_.problem().empty() ? reader_.problem() : check_.problem();
    if (check_.packets() != expected_.stream.packets)
      verdict.problem = fmt::format("{} of {} packets left {}", check_.packets(),
                                    expected_.stream.packets, kDevice);
    return verdict;
  }

 private:
  bool is_complete() const { return check_.packets() >= expected_.stream.packets; }

  Expected expected_;
  Fd socket_;
  StreamCheck check_;
  FrameReader reader_;
};

bool set_up(int socket, const char* device) {
  const int one = 1;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);  // others do not see what is sent
  address.sll_ifindex = static_cast<int>(if_nametoindex(device));
  return setsockopt(socket, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) == 0 &&
         setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &kBufferBytes, sizeof(kBufferBytes)) == 0 &&
         bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

Result<Fd> open_packet_socket(const char* device) {
  Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!socket || !set_up(socket.get(), device))
    return system_error(errno, std::string("cannot look at the packets of ") + device);
  return socket;
}

bool read_frame(const Fd& socket, int patience_ms, FrameReader& reader) {
  pollfd wait{socket.get(), POLLIN, 0};
  if (poll(&wait, 1, patience_ms) <= 0) return false;
  std::vector<uint8_t> bytes(kLargestFrame);
  const ssize_t got = recv(socket.get(), bytes.data(), bytes.size(), 0);
  VnetHeader request{};
  if (got < static_cast<ssize_t>(sizeof(request))) return false;
  std::memcpy(&request, bytes.data(), sizeof(request));
  bytes.resize(static_cast<size_t>(got));
  bytes.erase(bytes.begin(), bytes.begin() + sizeof(request));
  reader.frame(request, std::move(bytes));
  return true;
}

std::unique_ptr<FarEnd> tap_on(Fd socket, const Expected& expected) {
  return std::make_unique<Tap>(expected, std::move(socket));
}

Result<std::unique_ptr<FarEnd>> open_tap(const char* device, const Expected& expected) {
  return tap_on(ZC_TRY(open_packet_socket(device)), expected);
}

}  // namespace zc::bench
