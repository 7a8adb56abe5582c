// SPDX-License-Identifier: GPL-2.0-only
// Ethernet, IPv4 and UDP headers as an application makes them that hands frames to a device.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "zc/wire/rtp.h"

namespace zc::bench {

class UdpFrame {
 public:
  static constexpr size_t kUdpStart = 14 + 20;
  static constexpr size_t kHeaderBytes = kUdpStart + 8;

  // Addresses are those in far_end.h; all datagrams have `datagram_bytes` behind the UDP header.
  explicit UdpFrame(size_t datagram_bytes);

  size_t bytes() const { return kHeaderBytes + datagram_bytes_; }
  // Headers for a device that sums: the UDP checksum is that of the pseudo-header.
  void write_unsummed(char* to) const;
  // Headers with the sum of `datagram`, which the CPU reads for it.
  void write_summed(char* to, const char* datagram) const;

 private:
  size_t datagram_bytes_;
  std::array<uint8_t, kHeaderBytes> headers_{};
  uint32_t header_sum_ = 0;  // of pseudo-header, ports and length; not folded
};

// RFC 1071: the sum of 16-bit words as they lie in memory, not inverted.
uint16_t internet_sum(const char* bytes, size_t count, uint64_t sum);

}  // namespace zc::bench
