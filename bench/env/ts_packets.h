// SPDX-License-Identifier: GPL-2.0-only
// An MPEG transport stream (ISO/IEC 13818-1) without pictures: PAT and PMT now and then, else null
// packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace zc::bench {

constexpr size_t kTsPacketBytes = 188;
constexpr uint8_t kTsSyncByte = 0x47;

// CRC_32 of PSI sections, Annex A of ISO/IEC 13818-1.
uint32_t mpeg_crc(std::span<const uint8_t> bytes);

class TsPackets {
 public:
  std::vector<uint8_t> next(size_t packets);

 private:
  uint64_t made_ = 0;
  uint8_t pat_counter_ = 0, pmt_counter_ = 0;
};

}  // namespace zc::bench
