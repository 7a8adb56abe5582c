// SPDX-License-Identifier: GPL-2.0-only
// The RTP clock that both sides count by. Every expected number is from Python's integers.
#include "zc/clock.h"

#include <gtest/gtest.h>

namespace {

TEST(ClockTest, TheFactorIsTheClockRateDividedByABillionTimes2To64) {
  // hz * 2**64 // 10**9
  EXPECT_EQ(zc_ticks_q64(0), 0U);
  EXPECT_EQ(zc_ticks_q64(1), 18446744073U);
  EXPECT_EQ(zc_ticks_q64(8000), 147573952589676U);
  EXPECT_EQ(zc_ticks_q64(44100), 813501413650591U);
  EXPECT_EQ(zc_ticks_q64(90000), 1660206966633859U);
  EXPECT_EQ(zc_ticks_q64(192000), 3541774862152233U);
  EXPECT_EQ(zc_ticks_q64(1'000'000), 18446744073709551U);
  EXPECT_EQ(zc_ticks_q64(99'999'999), 1844674388924211087U);
  EXPECT_EQ(zc_ticks_q64(100'000'000), 1844674407370955161U);
  EXPECT_EQ(zc_ticks_q64(999'999'999), 18446744055262807542U);
}

struct Moment {
  uint64_t ns, ticks;
};

// ns * 90000 // 10**9: half way between two ticks.
constexpr Moment kMoments[] = {
    {5556, 0},
    {16667, 1},
    {1000005556, 90000},
    {1123461111, 101111},
    {86400000016667, 7776000001},
    {86400123461111, 7776011111},
    {34560000000005556, 3110400000000},
    {34560000000016667, 3110400000001},
    {34560000123461111, 3110400011111},
};

TEST(ClockTest, A90KilohertzClockIsRightOver400Days) {
  for (const Moment& moment : kMoments)
    EXPECT_EQ(zc_ticks(moment.ns, zc_ticks_q64(90000)), static_cast<uint32_t>(moment.ticks))
        << moment.ns << " ns";
}

// The factor is rounded down, so a tick comes late: by less than 100 ns after 400 days.
TEST(ClockTest, NoTickOf400DaysComesMoreThan100NanosecondsLate) {
  for (const Moment& tick :
       {Moment{11112, 1}, Moment{1000000000, 90000}, Moment{86400000011112, 7776000001},
        Moment{34560000000000000, 3110400000000}, Moment{34560000000011112, 3110400000001}})
    EXPECT_EQ(zc_ticks(tick.ns + 100, zc_ticks_q64(90000)), static_cast<uint32_t>(tick.ticks))
        << tick.ns << " ns";
}

struct Product {
  uint64_t ns;
  uint32_t hz;
  uint32_t ticks;
};

// ns * (hz * 2**64 // 10**9) >> 64 & 0xffffffff: every carry between the four parts.
constexpr Product kProducts[] = {
    {0, 90000, 0},
    {86400000000000, 90000, 3481032703},
    {9223372036854775808U, 8000, 3733116854},
    {18446744073709551615U, 90000, 243266946},
    {18446744073709551615U, 100'000'000, 2576980376},
    {1234567890123456789, 44100, 1438510348},
};

TEST(ClockTest, TheProductIsThatOf128Bits) {
  for (const Product& each : kProducts)
    EXPECT_EQ(zc_ticks(each.ns, zc_ticks_q64(each.hz)), each.ticks) << each.ns << " ns";
}

}  // namespace
