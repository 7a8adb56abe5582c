// SPDX-License-Identifier: GPL-2.0-only
#include "live_device.h"

#include <arpa/inet.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "packet_checker.h"

namespace zc::test {
namespace {

constexpr const char* kDevice = "zctest0";

ifreq request_for_device() {
  ifreq request{};
  std::strncpy(request.ifr_name, kDevice, sizeof(request.ifr_name) - 1);
  return request;
}

// One ioctl on the device, by way of a socket that lives for it alone.
bool configure(unsigned long command, ifreq request) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool done = ioctl(socket, command, &request) == 0;
  close(socket);
  return done;
}

bool set_ipv4(unsigned long command, const char* text) {
  ifreq request = request_for_device();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, text, &address.sin_addr);
  std::memcpy(&request.ifr_addr, &address, sizeof(address));
  return configure(command, request);
}

bool set_mtu(int mtu) {
  ifreq request = request_for_device();
  request.ifr_mtu = mtu;
  return configure(SIOCSIFMTU, request);
}

bool set_up() {
  ifreq request = request_for_device();
  request.ifr_flags = IFF_UP;
  return configure(SIOCSIFFLAGS, request);
}

}  // namespace

LiveDevice::LiveDevice(LinkKind kind, int mtu)
    : kind_(kind), fd_(open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)) {
  ifreq request = request_for_device();
  request.ifr_flags =
      static_cast<short>((kind == LinkKind::kBareIp ? IFF_TUN : IFF_TAP) | IFF_NO_PI);
  if (fd_ < 0 || ioctl(fd_, TUNSETIFF, &request) != 0) return;
  up_ = set_ipv4(SIOCSIFADDR, "10.9.0.1") && set_ipv4(SIOCSIFNETMASK, "255.255.255.0") &&
        set_mtu(mtu) && set_up();
  add_ipv6_address();
}

LiveDevice::~LiveDevice() {
  if (fd_ >= 0) close(fd_);
}

int LiveDevice::index() const {
  return static_cast<int>(if_nametoindex(kDevice));
}

void LiveDevice::add_ipv6_address() const {
  const int socket = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  in6_ifreq request{};
  inet_pton(AF_INET6, "2001:db8::1", &request.ifr6_addr);
  request.ifr6_prefixlen = 64;
  request.ifr6_ifindex = index();
  ioctl(socket, SIOCSIFADDR, &request);
  close(socket);
}

bool LiveDevice::attach(const Egress& egress) const {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = index();
  hook.attach_point = BPF_TC_EGRESS;
  bpf_tc_opts options{};
  options.sz = sizeof(options);
  options.prog_fd = egress.program_fd();
  return bpf_tc_hook_create(&hook) == 0 && bpf_tc_attach(&hook, &options) == 0;
}

Bytes LiveDevice::read() const {
  const Layer first = kind_ == LinkKind::kBareIp ? Layer::kIp : Layer::kEthernet;
  for (;;) {
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, 1000) != 1) return {};
    Bytes packet(2048);
    const ssize_t count = ::read(fd_, packet.data(), packet.size());
    if (count <= 0) return {};
    packet.resize(static_cast<size_t>(count));
    const Datagram datagram = dissect(packet, first);
    if (datagram.destination_port == 5004 || datagram.destination_port == 65535) return packet;
  }
}

int LiveDevice::send_frame(const Bytes& frame) const {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = index();
  const ssize_t sent = sendto(socket, frame.data(), frame.size(), 0,
                              reinterpret_cast<sockaddr*>(&address), sizeof(address));
  const int failure = sent < 0 ? errno : 0;
  close(socket);
  return failure;
}

}  // namespace zc::test
