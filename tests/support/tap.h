// SPDX-License-Identifier: GPL-2.0-only
// A NIC that hands its frames to the test: a TAP device with virtio-net headers, whose reader
// completes checksums as the device would. Knows nothing of RTP or zcctl.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "support/bytes.h"
#include "support/sandbox.h"
#include "support/virtio_net.h"

namespace zc::test {

struct TapOptions {
  std::string name = "tap0";
  bool tx_checksum = true;  // the device offloads checksums (TUN_F_CSUM)
  unsigned mtu = 1500;
  unsigned vnet_header_bytes = 12;  // or 10
  unsigned queues = 1;              // more: IFF_MULTI_QUEUE
  ZeroSum zero_sum = ZeroSum::kAsComputed;
  Card card = Card::kFollows;
  std::string mac = "02:00:00:00:09:01";
  std::vector<std::string> addresses{};  // "10.9.0.1/24", "fd00:9::1/64"
  std::vector<std::string> peers{};      // addresses that get a permanent neighbour entry
  std::string peer_mac = "02:00:00:00:09:02";
  bool multicast = true;  // multicast of IPv4 leaves here: one device's only
};

struct Frame {
  VnetHeader vnet;
  Bytes handed;                             // as the kernel handed it to the device
  Bytes wire;                               // as it leaves the device: checksum completed
  std::optional<std::string> device_error;  // the request could not be fulfilled
  unsigned queue = 0;
};
std::string describe(const Frame& frame);

// ARP, ICMP, ICMPv6 (also behind hop-by-hop options, as MLD has them) and IGMP: what the kernel
// says by itself.
bool is_kernel_noise(ByteView frame);

class Tap {
 public:
  // Makes the device, sets it up with addresses and neighbours. Throws std::runtime_error.
  explicit Tap(TapOptions options);

  const TapOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  unsigned ifindex() const;

  // Works while packets flow, too.
  void set_tx_checksum(bool on);
  // Offers to segment UDP itself (TUN_F_USO4, TUN_F_USO6), beside the checksum. False: this kernel
  // knows no such offer.
  bool set_udp_segmentation(bool on);
  void set_mtu(unsigned mtu);
  void set_zero_sum(ZeroSum zero_sum) { options_.zero_sum = zero_sum; }
  void set_card(Card card) { options_.card = card; }

  // The first queue, for who reads by himself: non-blocking, a virtio-net header before each frame.
  int fd() const { return queues_.front().get(); }
  // A frame that comes in from the wire.
  void write(ByteView frame, const VnetHeader& vnet);
  // The next frame that is not the kernel's own noise; nothing where none came in time.
  std::optional<Frame> read(std::chrono::milliseconds timeout);

 private:
  void open_queues();
  void configure();
  void check_tx_checksum() const;
  std::optional<Frame> read_queue(unsigned queue);
  std::optional<Frame> read_any();

  TapOptions options_;
  std::vector<Fd> queues_;
};

// Serves run_tests_in_sandbox.
Missing missing_tap();

}  // namespace zc::test
