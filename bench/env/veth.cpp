// SPDX-License-Identifier: GPL-2.0-only
// veth: a pair of devices whose far one is in another namespace, with a receiver that verifies.
// UDP segmentation is off, or super-packets would arrive uncut. veth copies what MSG_ZEROCOPY lends
// it, and the receiver believes every checksum: those are what nic is for.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "env/environment.h"
#include "namespaces.h"
#include "os/tool.h"
#include "receiver.h"
#include "tcp_receiver.h"

namespace zc::bench {
namespace {

constexpr const char* kFarDevice = "sink0";
constexpr uint64_t kCompareEvery = 64;
constexpr int kBufferBytes = 64 << 20;

Result<Fd> current_netns() {
  Fd fd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error(errno, "/proc/thread-self/ns/net");
  return fd;
}

// Runs a command in that network namespace.
Status run_tool_in(const Fd& netns, const std::string& command) {
  const Fd here = ZC_TRY(current_netns());
  if (setns(netns.get(), CLONE_NEWNET) != 0) return system_error(errno, "setns");
  const auto done = run_tool(command);
  if (setns(here.get(), CLONE_NEWNET) != 0) return system_error(errno, "setns");
  if (!done) return done.error();
  return ok();
}

// Sockets stay in the namespace that they were made in.
Result<Fd> open_receiving_socket() {
  Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const timeval nap{0, 50000};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kPort);
  if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &nap, sizeof(nap)) != 0 ||
      setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kBufferBytes, sizeof(kBufferBytes)) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return system_error(errno, "cannot make a socket to receive with");
  return fd;
}

struct FarSide {
  Fd netns;
  Fd socket;
  Fd listener;  // TCP
};

Result<FarSide> make_far_side() {
  const Fd here = ZC_TRY(current_netns());
  if (unshare(CLONE_NEWNET) != 0) return system_error(errno, "cannot make a second namespace");
  auto netns = current_netns();
  auto socket = open_receiving_socket();
  auto listener = listen_at_far_end();
  if (setns(here.get(), CLONE_NEWNET) != 0) return system_error(errno, "setns");
  if (!netns) return std::move(netns).error();
  if (!socket) return std::move(socket).error();
  if (!listener) return std::move(listener).error();
  return FarSide{*std::move(netns), *std::move(socket), *std::move(listener)};
}

Status make_pair(const Fd& far) {
  auto made = run_tool(fmt::format(
      "ip link add {} address {} type veth peer name {} address {} netns /proc/{}/fd/{}", kDevice,
      kNearMac, kFarDevice, kFarMac, getpid(), far.get()));
  if (!made) {
    made.error().kind = ErrorKind::kUnsupported;
    made.error().hint = "the kernel needs CONFIG_VETH";
    return std::move(made).error();
  }
  return ok();
}

// Neighbours are fixed, so that nobody has to ask (ARP).
Status bring_up(const Fd& far) {
  ZC_TRY(run_tool_in(far, fmt::format("ip link set {} addrgenmode none", kFarDevice)));
  ZC_TRY(run_tool_in(far, fmt::format("ip addr add {}/24 dev {}", kFarAddress, kFarDevice)));
  ZC_TRY(run_tool_in(far, fmt::format("ip link set {} up", kFarDevice)));
  ZC_TRY(run_tool(fmt::format("ip link set {} addrgenmode none", kDevice)));
  ZC_TRY(run_tool(fmt::format("ethtool -K {} tx-udp-segmentation off", kDevice)));
  ZC_TRY(run_tool(fmt::format("ip addr add {}/24 dev {}", kNearAddress, kDevice)));
  ZC_TRY(run_tool(fmt::format("ip link set {} up", kDevice)));
  ZC_TRY(run_tool(fmt::format("ip neigh add {} lladdr {} dev {} nud permanent", kFarAddress,
                              kFarMac, kDevice)));
  return ok();
}

class Veth : public Environment {
 public:
  Veth(std::unique_ptr<Namespaces> namespaces, FarSide far)
      : namespaces_(std::move(namespaces)), far_(std::move(far)) {}

  Status set_mtu(unsigned mtu) override {
    ZC_TRY(run_tool_in(far_.netns, fmt::format("ip link set {} mtu {}", kFarDevice, mtu)));
    ZC_TRY(run_tool(fmt::format("ip link set {} mtu {}", kDevice, mtu)));
    return ok();
  }
  std::string why_not(Way way) const override {
    return way == Way::kProgram ? "a program does not wait for a receiver: packets would be lost"
                                : "";
  }
  Result<Ends> connect_tcp(const Expected& expected, bool inspected) override {
    return connect_to_listener(far_.listener, expected, inspected);
  }
  Result<std::unique_ptr<FarEnd>> watch(const Expected& expected) override {
    return receive(expected, kCompareEvery);
  }
  Result<std::unique_ptr<FarEnd>> inspect(const Expected& expected, Way /*way*/) override {
    return receive(expected, 1);
  }

 private:
  Result<std::unique_ptr<FarEnd>> receive(const Expected& expected, uint64_t compare_every) {
    throw_away_late_packets();
    return std::unique_ptr<FarEnd>(
        std::make_unique<Receiver>(far_.socket.get(), expected, compare_every));
  }
  // Throws away those of a run that was given up.
  void throw_away_late_packets() {
    char byte = 0;
    while (recv(far_.socket.get(), &byte, sizeof(byte), MSG_DONTWAIT) >= 0) {
    }
  }

  std::unique_ptr<Namespaces> namespaces_;
  FarSide far_;
};

}  // namespace

Result<std::unique_ptr<Environment>> enter_veth() {
  auto namespaces = ZC_TRY(Namespaces::enter());
  FarSide far = ZC_TRY(make_far_side());
  ZC_TRY(make_pair(far.netns));
  ZC_TRY(bring_up(far.netns));
  return std::unique_ptr<Environment>(
      std::make_unique<Veth>(std::move(namespaces), std::move(far)));
}

}  // namespace zc::bench
