// SPDX-License-Identifier: GPL-2.0-only
#include "packet_tap.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace zc::kern {
namespace {

constexpr size_t kLongestPacket = 65536 + 40;
constexpr int kReceiveBuffer = 16 << 20;
constexpr uint32_t kWhole = 0x40000;
constexpr uint8_t kUdp = 17;

// The filter sees packets from the IP header on. Takes unfragmented UDP to the port.
std::vector<sock_filter> ipv4_filter(uint32_t port) {
  return {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kUdp, 0, 6),
          BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
          BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 4, 0),
          BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
          BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, kWhole),
          BPF_STMT(BPF_RET | BPF_K, 0)};
}

std::vector<sock_filter> ipv6_filter(uint32_t port) {
  return {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kUdp, 0, 3),
          BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 42), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, kWhole),      BPF_STMT(BPF_RET | BPF_K, 0)};
}

// The filter stands before the socket takes its first packet.
bool set_up(const Fd& socket, Family family, uint16_t port) {
  auto code = family == Family::kIpv4 ? ipv4_filter(port) : ipv6_filter(port);
  const sock_fprog filter{static_cast<unsigned short>(code.size()), code.data()};
  const int on = 1;
  sockaddr_ll any{};
  any.sll_family = AF_PACKET;
  any.sll_protocol = htons(family == Family::kIpv4 ? ETH_P_IP : ETH_P_IPV6);
  (void)setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer,
                   sizeof(kReceiveBuffer));
  return setsockopt(socket.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0 &&
         setsockopt(socket.get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) == 0 &&
         bind(socket.get(), reinterpret_cast<sockaddr*>(&any), sizeof(any)) == 0;
}

bool is_unfinished(msghdr& message) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_PACKET || control->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata about{};
    std::memcpy(&about, CMSG_DATA(control), sizeof(about));
    return about.tp_status & TP_STATUS_CSUMNOTREADY;
  }
  return false;
}

}  // namespace

Result<PacketTap> PacketTap::open(Family family, uint16_t port) {
  PacketTap tap;
  tap.socket_ = Fd(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!tap.socket_ || !set_up(tap.socket_, family, port)) {
    Error error = system_error(errno, "packet socket");
    if (error.kind == ErrorKind::kNotPermitted)
      error.hint = "looking at packets as they arrive needs CAP_NET_RAW (root)";
    return error;
  }
  tap.buffer_.resize(kLongestPacket);
  return tap;
}

std::optional<PacketTap::Packet> PacketTap::take() {
  iovec where{buffer_.data(), buffer_.size()};
  alignas(cmsghdr) std::array<char, 256> controls{};
  msghdr message{};
  message.msg_iov = &where;
  message.msg_iovlen = 1;
  message.msg_control = controls.data();
  message.msg_controllen = controls.size();
  const ssize_t got = recvmsg(socket_.get(), &message, 0);
  if (got < 0) return {};
  return Packet{{buffer_.data(), static_cast<size_t>(got)}, is_unfinished(message)};
}

uint64_t PacketTap::missed() {
  tpacket_stats stats{};
  socklen_t length = sizeof(stats);
  if (getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &length) == 0)
    missed_ += stats.tp_drops;  // reading sets it to 0
  return missed_;
}

}  // namespace zc::kern
