// SPDX-License-Identifier: GPL-2.0-only
// An Ethernet frame taken off a device, as far as this benchmark sends them: IPv4, UDP, perhaps in
// IP fragments. Knows no RTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "job/vnet_header.h"

namespace zc::bench {

using ByteView = std::span<const uint8_t>;

uint16_t get_be16(ByteView bytes, size_t offset);
uint32_t get_be32(ByteView bytes, size_t offset);

// Does to each frame what the device is asked to do (checksum, segmentation), puts fragments
// together, and hands on the UDP payloads of one destination port.
class FrameReader {
 public:
  using Datagram = std::function<void(ByteView payload)>;
  FrameReader(uint16_t port, Datagram datagram) : port_(port), datagram_(std::move(datagram)) {}

  // Other frames than UDP over IPv4 are passed over.
  void frame(const VnetHeader& request, std::vector<uint8_t> frame);

  // The first thing that was wrong; empty: nothing.
  const std::string& problem() const { return problem_; }
  // Frames whose UDP checksum was left to the device.
  uint64_t device_checksums() const { return device_checksums_; }

 private:
  void packet(ByteView ip, bool check_sum);
  void udp(ByteView ip_header, ByteView segment, bool check_sum);
  void segments(ByteView udp, size_t segment_bytes);
  void wrong(const std::string& what);

  uint16_t port_;
  Datagram datagram_;
  std::string problem_;
  uint64_t device_checksums_ = 0;
  std::vector<uint8_t> fragments_;  // of the datagram that is not complete
};

}  // namespace zc::bench
