// SPDX-License-Identifier: GPL-2.0-only
// nic, nic-uso and nic-1g: an ifb device. It has checksum offload and scatter-gather like a network
// card, does not copy what MSG_ZEROCOPY lends it, counts what it is given as received, and drops
// it.
#include <fmt/format.h>

#include <fstream>

#include "counters.h"
#include "env/environment.h"
#include "env/tap.h"
#include "namespaces.h"
#include "os/tool.h"

namespace zc::bench {
namespace {

// A pair to look at frames that go past packet sockets: what enters the one can be seen to leave
// the other.
constexpr const char* kLookDevice = "look0";
constexpr const char* kLookPeer = "look1";

uint64_t read_counter(const char* name) {
  std::ifstream file(fmt::format("/sys/class/net/{}/statistics/{}", kDevice, name));
  uint64_t value = 0;
  file >> value;
  return value;
}

Counters read_counters() {
  return {read_counter("rx_packets"), read_counter("rx_bytes"), read_counter("tx_dropped")};
}

class Nic : public Environment {
 public:
  Nic(std::unique_ptr<Namespaces> namespaces, bool segmentation)
      : namespaces_(std::move(namespaces)), segmentation_(segmentation) {}

  Status set_mtu(unsigned mtu) override {
    for (const char* const device : {kDevice, kLookDevice, kLookPeer})
      ZC_TRY(run_tool(fmt::format("ip link set {} mtu {}", device, mtu)));
    mtu_ = mtu;
    return ok();
  }
  std::string why_not(Way way) const override {
    return way == Way::kTcp ? "nobody answers behind this device; veth has somebody" : "";
  }
  const char* frame_device(bool inspected) const override {
    return inspected ? kLookDevice : kDevice;
  }
  uint64_t frames_sent() const override { return read_counter("rx_packets"); }
  Result<std::unique_ptr<FarEnd>> watch(const Expected& expected) override {
    return std::unique_ptr<FarEnd>(
        std::make_unique<CountingFarEnd>(expected, mtu_, segmentation_, read_counters));
  }
  Result<std::unique_ptr<FarEnd>> inspect(const Expected& expected, Way way) override {
    return open_tap(way == Way::kFrames ? kLookPeer : kDevice, expected);
  }

 private:
  std::unique_ptr<Namespaces> namespaces_;
  bool segmentation_;
  unsigned mtu_ = 1500;
};

Status make_look_pair() {
  ZC_TRY(run_tool(fmt::format("ip link add {} type veth peer name {}", kLookDevice, kLookPeer)));
  for (const char* const device : {kLookDevice, kLookPeer}) {
    ZC_TRY(run_tool(fmt::format("ip link set {} addrgenmode none", device)));
    ZC_TRY(run_tool(fmt::format("ip link set {} up", device)));
  }
  return ok();
}

Result<std::unique_ptr<Environment>> enter(bool segmentation) {
  auto namespaces = ZC_TRY(Namespaces::enter());
  auto made = run_tool(fmt::format("ip link add {} type ifb", kDevice));
  if (!made) {
    made.error().kind = ErrorKind::kUnsupported;
    made.error().hint = "the kernel needs CONFIG_IFB";
    return std::move(made).error();
  }
  // No router solicitations: what is counted was sent on purpose.
  ZC_TRY(run_tool(fmt::format("ip link set {} addrgenmode none", kDevice)));
  ZC_TRY(run_tool(
      fmt::format("ethtool -K {} tx-udp-segmentation {}", kDevice, segmentation ? "on" : "off")));
  ZC_TRY(run_tool(fmt::format("ip addr add {}/24 dev {}", kNearAddress, kDevice)));
  ZC_TRY(run_tool(fmt::format("ip link set {} up", kDevice)));
  ZC_TRY(make_look_pair());
  return std::unique_ptr<Environment>(std::make_unique<Nic>(std::move(namespaces), segmentation));
}

}  // namespace

Result<std::unique_ptr<Environment>> enter_nic() {
  return enter(false);
}

Result<std::unique_ptr<Environment>> enter_nic_uso() {
  return enter(true);
}

// The queue behind the bucket counts frames, as a card's ring does, whatever their size.
Result<std::unique_ptr<Environment>> enter_nic_1g() {
  auto environment = ZC_TRY(enter(false));
  ZC_TRY(run_tool(fmt::format(
      "tc qdisc add dev {} root handle 1: tbf rate 1gbit burst 128kb limit 1mb", kDevice)));
  ZC_TRY(run_tool(fmt::format("tc qdisc add dev {} parent 1:1 pfifo limit 512", kDevice)));
  return environment;
}

}  // namespace zc::bench
