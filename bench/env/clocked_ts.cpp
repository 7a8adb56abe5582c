// SPDX-License-Identifier: GPL-2.0-only
#include "clocked_ts.h"

#include <algorithm>
#include <array>

namespace zc::bench {
namespace {

constexpr uint64_t kPcrHz = 27'000'000;
constexpr double kRtpHz = 90'000;
constexpr uint64_t kPcrByte = 10;  // of its packet: the one to which the time belongs (2.4.3.5)
constexpr uint8_t kPid = 0x42;

// An adaptation field with a PCR and nothing else (2.4.3.4).
std::array<uint8_t, 8> pcr_field(uint64_t pcr) {
  std::array<uint8_t, 8> field{7, 0x10};
  const uint64_t value = (pcr / 300 & 0x1ffffffff) << 15 | 0x3f << 9 | pcr % 300;
  for (size_t i = 0; i < 6; i++)
    field[2 + i] = static_cast<uint8_t>(value >> (40 - 8 * i));
  return field;
}

}  // namespace

double ticks_per_byte(const TsRate& rate) {
  return 8 * kRtpHz * 2 / static_cast<double>(rate.slowest_bps + rate.fastest_bps);
}

void ClockedTs::stamp(std::span<uint8_t, kTsPacketBytes> packet) {
  const uint64_t counter = packet_ & 15;
  const auto pcr = next_pcr();
  const std::array<uint8_t, 4> header{kTsSyncByte, 0, kPid,
                                      static_cast<uint8_t>((pcr ? 0x30 : 0x10) | counter)};
  std::copy(header.begin(), header.end(), packet.begin());
  if (!pcr) return;
  const auto field = pcr_field(*pcr);
  std::copy(field.begin(), field.end(), packet.begin() + header.size());
}

std::optional<uint64_t> ClockedTs::next_pcr() {
  const uint64_t packet = packet_++;
  if (packet < due_) return {};
  const bool steady = rate_.slowest_bps == rate_.fastest_bps;
  std::uniform_int_distribution<uint64_t> rates(rate_.slowest_bps, rate_.fastest_bps);
  const uint64_t bps = steady ? rate_.slowest_bps : rates(random_);
  due_ = packet + std::max<uint64_t>(bps * rate_.pcr_ms / 8000 / kTsPacketBytes, 1);
  const uint64_t gap = gaps_++;
  return steady ? (packet * kTsPacketBytes + kPcrByte) * 8 * kPcrHz / bps
                : gap * rate_.pcr_ms * (kPcrHz / 1000);
}

}  // namespace zc::bench
