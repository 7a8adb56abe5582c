// SPDX-License-Identifier: GPL-2.0-only
#include "ts_film.h"

namespace zc::test {
namespace {

constexpr uint64_t kJumpTicks = 1000 * 27000000ULL;

}  // namespace

std::vector<uint8_t> transport_stream(unsigned packets, unsigned jump) {
  std::vector<uint8_t> bytes;
  for (unsigned i = 0; i < packets; ++i) {
    std::vector<uint8_t> packet(kTsBytes, 0xff);
    packet[0] = 0x47, packet[1] = 0x01, packet[2] = 0x00, packet[3] = 0x10;
    if (i % 40 == 0) {
      // The PCR is that of the byte with the last bit of its base, the 11th (ISO/IEC
      // 13818-1 2.4.3.5).
      const uint64_t ticks = 77777777 + i * kPcrTicksOfPacket + 10 * kPcrTicksOfPacket / kTsBytes +
                             (jump ? i / jump * kJumpTicks : 0);
      const uint64_t base = ticks / 300, extension = ticks % 300;
      packet[3] = 0x30, packet[4] = 7, packet[5] = 0x10;
      for (unsigned at = 0; at < 4; ++at)
        packet[6 + at] = static_cast<uint8_t>(base >> (25 - 8 * at));
      packet[10] = static_cast<uint8_t>((base & 1) << 7 | 0x7e | extension >> 8);
      packet[11] = static_cast<uint8_t>(extension);
    }
    bytes.insert(bytes.end(), packet.begin(), packet.end());
  }
  return bytes;
}

}  // namespace zc::test
