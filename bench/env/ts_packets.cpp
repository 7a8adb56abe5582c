// SPDX-License-Identifier: GPL-2.0-only
#include "ts_packets.h"

#include <algorithm>

namespace zc::bench {
namespace {

constexpr uint16_t kPatPid = 0x0000, kPmtPid = 0x0100, kVideoPid = 0x0101, kNullPid = 0x1fff;
constexpr uint64_t kPacketsPerTables = 500;

uint8_t high(uint16_t value) {
  return static_cast<uint8_t>(value >> 8);
}
uint8_t low(uint16_t value) {
  return static_cast<uint8_t>(value);
}

// program_number 1 is described at kPmtPid.
std::vector<uint8_t> pat() {
  return {0x00,        0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, static_cast<uint8_t>(0xe0 | high(kPmtPid)),
          low(kPmtPid)};
}

// One stream of MPEG-2 video, which carries the clock too.
std::vector<uint8_t> pmt() {
  const auto top = static_cast<uint8_t>(0xe0 | high(kVideoPid));
  return {0x02,           0xb0, 18, 0,    1,   0xc1,           0,    0, top,
          low(kVideoPid), 0xf0, 0,  0x02, top, low(kVideoPid), 0xf0, 0};
}

// 2.4.3.2: sync, PID, payload only; the rest is stuffing.
void add_packet(std::vector<uint8_t>& to, uint16_t pid, uint8_t counter,
                std::vector<uint8_t> section) {
  const size_t begin = to.size();
  const uint8_t unit_start = section.empty() ? 0 : 0x40;
  to.insert(to.end(), {kTsSyncByte, static_cast<uint8_t>(unit_start | high(pid)), low(pid),
                       static_cast<uint8_t>(0x10 | (counter & 0xf))});
  if (!section.empty()) {
    const uint32_t crc = mpeg_crc(section);
    for (const int shift : {24, 16, 8, 0})
      section.push_back(static_cast<uint8_t>(crc >> shift));
    to.push_back(0);  // pointer_field
    to.insert(to.end(), section.begin(), section.end());
  }
  to.resize(begin + kTsPacketBytes, 0xff);
}

}  // namespace

uint32_t mpeg_crc(std::span<const uint8_t> bytes) {
  uint32_t crc = 0xffffffff;
  for (const uint8_t byte : bytes) {
    crc ^= static_cast<uint32_t>(byte) << 24;
    for (int bit = 0; bit < 8; bit++)
      crc = (crc << 1) ^ ((crc & 0x80000000) != 0 ? 0x04c11db7 : 0);
  }
  return crc;
}

std::vector<uint8_t> TsPackets::next(size_t packets) {
  std::vector<uint8_t> bytes;
  bytes.reserve(packets * kTsPacketBytes);
  for (size_t i = 0; i < packets; i++, made_++) {
    switch (made_ % kPacketsPerTables) {
      case 0:
        add_packet(bytes, kPatPid, pat_counter_++, pat());
        break;
      case 1:
        add_packet(bytes, kPmtPid, pmt_counter_++, pmt());
        break;
      default:
        add_packet(bytes, kNullPid, 0, {});
    }
  }
  return bytes;
}

}  // namespace zc::bench
