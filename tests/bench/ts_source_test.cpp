// SPDX-License-Identifier: GPL-2.0-only
// The transport streams that the clocks' suite sends, read as ISO/IEC 13818-1 2.4.3 has them.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "env/payload_file.h"

namespace zc::bench {
namespace {

using Bytes = std::span<const uint8_t>;

// In 27 MHz.
std::optional<uint64_t> pcr_of(Bytes packet) {
  const bool has_field = (packet[3] & 0x20) != 0;
  if (!has_field || packet[4] < 7 || (packet[5] & 0x10) == 0) return {};
  uint64_t value = 0;
  for (size_t i = 6; i < 12; i++)
    value = value << 8 | packet[i];
  return (value >> 15) * 300 + (value & 0x1ff);
}

struct Read {
  std::vector<uint64_t> pcrs, packets;  // and where they stand
};
Read read(const PayloadFile& file) {
  EXPECT_EQ(file.size() % 188, 0U);
  Read found;
  for (uint64_t i = 0; i < file.size() / 188; i++) {
    const Bytes packet = file.bytes().subspan(i * 188, 188);
    EXPECT_EQ(packet[0], 0x47) << i;
    const auto pcr = pcr_of(packet);
    if (pcr) found.pcrs.push_back(*pcr);
    if (pcr) found.packets.push_back(i);
  }
  return found;
}

TEST(TsSource, the_first_packet_is_literally_this) {
  const auto file = PayloadFile::make_transport_stream(1000, kSteadyRate);
  ASSERT_TRUE(file);
  ASSERT_EQ((*file)->size(), 940U);  // five packets
  // Ten bytes at 5 Mbit/s are 16 us, 432 units: base 1, extension 132.
  const std::vector<uint8_t> head{0x47, 0x00, 0x42, 0x30, 7, 0x10, 0, 0, 0, 0, 0xfe, 0x84};
  EXPECT_TRUE(std::equal(head.begin(), head.end(), (*file)->bytes().begin()));
}

TEST(TsSource, a_steady_one_has_a_pcr_each_20_ms_and_one_rate) {
  const auto file = PayloadFile::make_transport_stream(1 << 20, kSteadyRate);
  ASSERT_TRUE(file);
  const Read found = read(**file);
  ASSERT_GT(found.pcrs.size(), 80U);
  for (size_t i = 0; i < found.pcrs.size(); i++)
    EXPECT_EQ(found.pcrs[i], (found.packets[i] * 188 + 10) * 8 * 27 / 5) << i;
  EXPECT_EQ(found.packets[1], 66U);  // 12500 bytes, whole packets
}

TEST(TsSource, an_uneven_one_has_a_pcr_each_80_ms_and_rates_from_one_end_to_the_other) {
  const auto file = PayloadFile::make_transport_stream(4 << 20, kUnevenRate);
  ASSERT_TRUE(file);
  const Read found = read(**file);
  ASSERT_GT(found.pcrs.size(), 100U);
  std::vector<uint64_t> gaps;
  for (size_t i = 1; i < found.pcrs.size(); i++) {
    EXPECT_EQ(found.pcrs[i] - found.pcrs[i - 1], 2160000U);
    gaps.push_back(found.packets[i] - found.packets[i - 1]);
  }
  // 63 packets of 80 ms are 1.18 Mbit/s, 170 are 3.2.
  EXPECT_GE(*std::min_element(gaps.begin(), gaps.end()), 63U);
  EXPECT_LE(*std::max_element(gaps.begin(), gaps.end()), 170U);
  EXPECT_GT(*std::max_element(gaps.begin(), gaps.end()),
            2 * *std::min_element(gaps.begin(), gaps.end()));
}

}  // namespace
}  // namespace zc::bench
