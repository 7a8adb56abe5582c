// nic, nic-uso and nic-1g: an ifb device. It has checksum offload and scatter-gather like a network
// card, does not copy what MSG_ZEROCOPY lends it, counts what it is given as received, and drops
// it.
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "bench/env/environment.h"
#include "bench/env/namespaces.h"
#include "bench/env/tap.h"
#include "bench/env/tool.h"

namespace zc::bench {
namespace {

constexpr uint64_t kEthernetBytes = 14;
constexpr uint64_t kIpHeaderBytes = 20;
constexpr uint64_t kUdpHeaderBytes = 8;

struct Counters {
  uint64_t frames = 0;
  uint64_t bytes = 0;
  uint64_t dropped = 0;
};

// A pair to look at frames that go past packet sockets: what enters the one can be seen to leave
// the other.
constexpr const char* kLookDevice = "look0";
constexpr const char* kLookPeer = "look1";
constexpr std::chrono::milliseconds kDrainNap{5};
constexpr int kMostDrainNaps = 400;

uint64_t read_counter(const char* name) {
  std::ifstream file(fmt::format("/sys/class/net/{}/statistics/{}", kDevice, name));
  uint64_t value = 0;
  file >> value;
  return value;
}

Counters read_counters() {
  return {read_counter("rx_packets"), read_counter("rx_bytes"), read_counter("tx_dropped")};
}

uint64_t frames_per_packet(const Expected& expected, unsigned mtu) {
  const uint64_t ip_payload = kUdpHeaderBytes + expected.datagram_bytes();
  if (ip_payload + kIpHeaderBytes <= mtu) return 1;
  const uint64_t per_fragment = (mtu - kIpHeaderBytes) / 8 * 8;  // RFC 791: units of eight bytes
  return (ip_payload + per_fragment - 1) / per_fragment;
}

// Judges by the device's counters: how many frames and how many bytes.
class CountingFarEnd : public FarEnd {
 public:
  CountingFarEnd(const Expected& expected, unsigned mtu, bool may_be_uncut)
      : expected_(expected),
        fragments_(frames_per_packet(expected, mtu)),
        may_be_uncut_(may_be_uncut && fragments_ == 1),
        before_(read_counters()) {}

  Verdict verdict() override {
    const Counters now = settled_counters();
    const Counters arrived{now.frames - before_.frames, now.bytes - before_.bytes,
                           now.dropped - before_.dropped};
    return {problem_with(arrived), {}};
  }

 private:
  // Behind a queue the last frames are still to come.
  Counters settled_counters() const {
    Counters now = read_counters();
    for (int naps = 0; naps < kMostDrainNaps && now.frames - before_.frames < fewest_frames();
         naps++) {
      std::this_thread::sleep_for(kDrainNap);
      const Counters later = read_counters();
      if (later.frames == now.frames) break;
      now = later;
    }
    return now;
  }
  uint64_t fewest_frames() const {
    return may_be_uncut_ ? 0 : expected_.stream.packets * fragments_;
  }

  std::string problem_with(const Counters& arrived) const {
    const uint64_t wanted_frames = expected_.stream.packets * fragments_;
    if (arrived.dropped != 0) return fmt::format("{} dropped {}", kDevice, arrived.dropped);
    if (!may_be_uncut_ && arrived.frames != wanted_frames)
      return fmt::format("{} of {} packets reached {}", arrived.frames, wanted_frames, kDevice);
    // A datagram that the device would cut counts as one frame, so only what is behind the headers
    // can be compared: without fragments, headers are in every frame.
    const uint64_t link_headers = arrived.frames * (kEthernetBytes + kIpHeaderBytes);
    const uint64_t udp_headers =
        (may_be_uncut_ ? arrived.frames : expected_.stream.packets) * kUdpHeaderBytes;
    const uint64_t got = arrived.bytes - link_headers - udp_headers;
    const uint64_t wanted = expected_.stream.packets * expected_.datagram_bytes();
    if (got != wanted) return fmt::format("{} of {} bytes reached {}", got, wanted, kDevice);
    return {};
  }

  Expected expected_;
  uint64_t fragments_;
  bool may_be_uncut_;  // the device has UDP segmentation
  Counters before_;
};

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
    return std::unique_ptr<FarEnd>(std::make_unique<CountingFarEnd>(expected, mtu_, segmentation_));
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
    made.error().code = ExitCode::kUnsupported;
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

// The limit holds 512 frames of 1514 bytes.
Result<std::unique_ptr<Environment>> enter_nic_1g() {
  auto environment = ZC_TRY(enter(false));
  ZC_TRY(run_tool(
      fmt::format("tc qdisc add dev {} root tbf rate 1gbit burst 128kb limit 775168", kDevice)));
  return environment;
}

}  // namespace zc::bench
