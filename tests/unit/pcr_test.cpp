// SPDX-License-Identifier: GPL-2.0-only
// The clock that follows PCRs. Expected times are reckoned here by fractions of the PCRs that each
// test wrote; TS packets are literals after ISO/IEC 13818-1 2.4.3.
#include "zc/pcr.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "zc/abi/rule.h"

namespace {

using Ts = std::array<uint8_t, 188>;
constexpr double kHz = 90000;
constexpr uint16_t kPid = 0x100;

// A TS packet with an adaptation field of 7 bytes, in which is a PCR of `ticks` 27 MHz ticks.
Ts with_pcr(uint64_t ticks, uint16_t pid = kPid, bool discontinuous = false) {
  const uint64_t base = ticks / 300 & 0x1ffffffff, extension = ticks % 300;
  Ts ts{};
  ts.fill(0xff);
  ts[0] = 0x47;
  ts[1] = static_cast<uint8_t>(pid >> 8);
  ts[2] = static_cast<uint8_t>(pid);
  ts[3] = 0x30;
  ts[4] = 7;
  ts[5] = discontinuous ? 0x90 : 0x10;
  ts[6] = static_cast<uint8_t>(base >> 25);
  ts[7] = static_cast<uint8_t>(base >> 17);
  ts[8] = static_cast<uint8_t>(base >> 9);
  ts[9] = static_cast<uint8_t>(base >> 1);
  ts[10] = static_cast<uint8_t>((base & 1) << 7 | 0x7e | extension >> 8);
  ts[11] = static_cast<uint8_t>(extension);
  return ts;
}

// One stream, which gets its TS packets one by one.
struct Stream {
  zc_clock clock{};
  uint64_t octets = 0;
  uint32_t wall = 1000, wanted = ZC_NO_PID;

  bool pcr(const Ts& ts) {
    EXPECT_TRUE(zc_ts_has_pcr(ts.data()));
    const zc_clock_place place = {
        .first_byte = octets, .wall = wall, .payload_off = 0, .wanted_pid = wanted, .zero = 0};
    const bool marker = zc_clock_take(&clock, &place, ts.data(), octets) != 0;
    octets += ts.size();
    return marker;
  }
  void nothing(uint64_t packets) { octets += packets * 188; }
  bool locked() const { return clock.flags & ZC_CLOCK_LOCKED; }
  double time(uint64_t byte) const {
    return std::ldexp(static_cast<double>(zc_clock_time(&clock, byte)), -32);
  }
  double now() const { return time(octets); }
};

TEST(TsTest, OnlyAWholePcrInASoundAdaptationFieldIsOne) {
  const auto has = [](size_t at, uint8_t value) {
    Ts ts = with_pcr(0);
    ts[at] = value;
    return zc_ts_has_pcr(ts.data()) != 0;
  };
  EXPECT_TRUE(has(0, 0x47));
  EXPECT_FALSE(has(0, 0x46)) << "no sync byte";
  EXPECT_FALSE(has(1, 0x81)) << "transport_error_indicator";
  EXPECT_FALSE(has(3, 0x10)) << "no adaptation field";
  EXPECT_FALSE(has(4, 6)) << "too short for a PCR";
  EXPECT_TRUE(has(4, 183));
  EXPECT_FALSE(has(4, 184)) << "longer than the packet";
  EXPECT_FALSE(has(5, 0x00)) << "no PCR_flag";
}

TEST(TsTest, APcrIs90KilohertzTicksWithAFraction) {
  // 0x1234567ab * 300 + 150: the base's 33rd bit falls out, half a tick is 2^31.
  const Ts ts = with_pcr(0x1234567abULL * 300 + 150);
  EXPECT_EQ(zc_ts_pid(ts.data()), kPid);
  EXPECT_NEAR(static_cast<double>(zc_ts_pcr_q32(ts.data())),
              std::ldexp(0x234567ab, 32) + std::ldexp(1, 31), 4096);
}

// 5 Mbit/s, a PCR each 20 ms: 12500 bytes or 66.5 packets; 27 MHz ticks a byte: 43.2.
constexpr double kTicksPerByte = 43.2 / 300;

uint64_t at_5_megabit(uint64_t byte, uint64_t first = 0) {
  return first + static_cast<uint64_t>(std::llround(static_cast<double>(byte) * 43.2));
}

TEST(PcrTest, AConstantRateIsRightAtEveryByteToATenthOfATick) {
  Stream stream;
  uint64_t zero = 0;  // byte that RTP time `wall` belongs to
  for (int i = 0; i < 1000; i++) {
    const uint64_t byte = stream.octets;
    EXPECT_FALSE(stream.pcr(with_pcr(at_5_megabit(byte + 10))));
    if (i == 1) zero = byte;
    for (uint64_t ahead = 0; i > 0 && ahead < 12500; ahead += 1316)
      EXPECT_NEAR(stream.time(byte + ahead),
                  1000 + static_cast<double>(byte + ahead - zero) * kTicksPerByte, 0.1)
          << "PCR " << i << ", byte " << ahead;
    stream.nothing(65 + i % 2);
  }
}

TEST(PcrTest, BeforeTheSecondOneNoTimeIsKnownAndThenItIsTheWalls) {
  Stream stream;
  stream.wall = 77;
  stream.pcr(with_pcr(1'000'000));
  EXPECT_FALSE(stream.locked());
  stream.nothing(65);
  stream.wall = 1234;
  const uint64_t first = stream.octets;
  stream.pcr(with_pcr(1'540'000));
  EXPECT_TRUE(stream.locked());
  EXPECT_NEAR(stream.time(first), 1234, 1e-6);
}

TEST(PcrTest, TheWrapOf33BitsIsNone) {
  const uint64_t wrap = (uint64_t{1} << 33) * 300, begin = wrap - 3 * 540'000;
  Stream stream;
  for (int i = 0; i < 8; i++) {
    EXPECT_FALSE(stream.pcr(with_pcr((begin + static_cast<uint64_t>(i) * 540'000) % wrap)));
    stream.nothing(65);
  }
  // The packet of the second PCR began at 1000; six gaps of 1800 ticks and 66 packets since.
  EXPECT_NEAR(stream.time(7 * 66 * 188), 1000 + 6 * 1800, 0.1);
}

TEST(PcrTest, WhereAFileBeginsAnewTheClockRunsOnAndTheMarkerIsSetOnce) {
  Stream stream;
  int markers = 0;
  for (int round = 0; round < 3; round++) {
    for (uint64_t i = 0; i < 50; i++) {
      markers += stream.pcr(with_pcr(i * 540'000 + 10 * 43)) ? 1 : 0;
      EXPECT_EQ(markers, round);
      stream.nothing(65);
    }
  }
  EXPECT_NEAR(stream.now(), 1000 + 149 * 1800, 1);
}

TEST(PcrTest, AnIndicatedDiscontinuityIsOneThoughTheTimesWouldFit) {
  Stream stream;
  stream.pcr(with_pcr(0));
  stream.nothing(65);
  stream.pcr(with_pcr(540'000));
  stream.nothing(65);
  const double before = stream.now();
  EXPECT_TRUE(stream.pcr(with_pcr(2 * 540'000 + 90'000, kPid, true)));
  EXPECT_NEAR(stream.now(), before + 188 * 1800.0 / (66 * 188), 0.1);
}

TEST(PcrTest, ADuplicateOfAPacketChangesNothing) {
  Stream stream;
  stream.pcr(with_pcr(0));
  stream.nothing(65);
  stream.pcr(with_pcr(540'000));
  const zc_clock before = stream.clock;
  EXPECT_FALSE(stream.pcr(with_pcr(540'000)));
  EXPECT_EQ(stream.clock.at_byte, before.at_byte);
  EXPECT_EQ(stream.clock.step_q32, before.step_q32);
}

TEST(PcrTest, AnotherProgramsPcrsAreNotFollowed) {
  Stream stream;
  for (uint64_t i = 0; i < 100; i++) {
    stream.pcr(with_pcr(i * 540'000));
    stream.pcr(with_pcr(777'000'000 + i * 540'000, 0x200));
    stream.nothing(64);
  }
  EXPECT_EQ(stream.clock.pid, kPid);
  EXPECT_NEAR(stream.now(), 1000 + 99 * 1800, 1);
}

TEST(PcrTest, APidThatIsWantedIsWaitedFor) {
  Stream stream;
  stream.wanted = 0x200;
  stream.pcr(with_pcr(0));
  EXPECT_EQ(stream.clock.flags, 0);
  stream.pcr(with_pcr(5, 0x200));
  EXPECT_EQ(stream.clock.pid, 0x200);
}

TEST(PcrTest, APidThatFallsSilentIsLeftAfterASecondAndTheClockGoesOn) {
  Stream stream;
  for (uint64_t i = 0; i < 10; i++) {
    stream.pcr(with_pcr(i * 540'000));
    stream.nothing(65);
  }
  int markers = 0;
  uint64_t switched = 0;
  for (uint64_t i = 0; i < 200; i++) {
    if (stream.pcr(with_pcr(999'000'000 + i * 540'000, 0x200)) && markers++ == 0) switched = i;
    stream.nothing(65);
  }
  EXPECT_EQ(markers, 1);
  EXPECT_EQ(stream.clock.pid, 0x200);
  EXPECT_NEAR(static_cast<double>(switched) * 0.02, 1, 0.05) << "seconds of media";
  EXPECT_NEAR(stream.now(), 1000 + 209 * 1800, 2);
}

// 1.2 to 3.2 Mbit/s, a PCR each 80 ms.
TEST(PcrTest, AnUnevenRateIsRightAtItsPcrsAndNeverMoreThanAGapOffAndNeverBack) {
  Stream stream;
  const double gap = 0.080 * kHz;
  uint64_t random = 42;
  double last = 0;
  uint32_t newest = 0;
  for (uint64_t i = 0; i < 500; i++) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const uint64_t packets = 64 + (random >> 33) % 106;
    const uint64_t byte = stream.octets;
    stream.pcr(with_pcr(i * 2'160'000));
    if (i == 1)
      last = 1000 + 10 * std::ldexp(static_cast<double>(stream.clock.gap_q32), -32) /
                        static_cast<double>(stream.clock.at_byte);
    const double truth = last + static_cast<double>(i - 1) * gap;
    if (i > 1) {
      EXPECT_NEAR(stream.time(byte + 10), truth, 1) << i;
    }
    for (uint64_t packet = 0; i > 0 && packet < packets; packet += 7) {
      const double time = stream.time(byte + packet * 188);
      EXPECT_LT(std::abs(time - (truth +
                                 gap * static_cast<double>(packet) / static_cast<double>(packets))),
                gap);
      newest = static_cast<uint32_t>(time);
    }
    stream.nothing(packets - 1);
  }
  EXPECT_GT(newest, 3'000'000U);
}

// PCRs each 80 ms, 64 packets from the first to the second, and 170 from there on: 1.2 and 3.2
// Mbit/s. Who sends it took the first rate for the file's.
TEST(PcrTest, AFirstRateThatIsNotTheNextOneIsNeverMoreThanAGapOff) {
  constexpr double kGap = 0.080 * kHz;
  Stream stream;
  stream.pcr(with_pcr(0));
  stream.nothing(63);
  const uint64_t second = stream.octets + 10;
  double zero = 0, newest = 0;
  for (uint64_t i = 1; i < 20; i++) {
    stream.pcr(with_pcr(i * 2'160'000));
    if (i == 1) zero = stream.time(second);
    for (uint64_t packet = 0; packet < 170; packet++) {
      const uint64_t byte = second + ((i - 1) * 170 + packet) * 188;
      const double truth =
          zero + kGap * (static_cast<double>(i - 1) + static_cast<double>(packet) / 170);
      newest = std::max(newest, stream.time(byte));  // as who asks takes it: never back
      EXPECT_LT(std::abs(newest - truth), kGap) << "PCR " << i << ", packet " << packet;
      if (i > 4) {
        EXPECT_NEAR(newest, truth, 0.1) << "PCR " << i << ", packet " << packet;
      }
    }
    stream.nothing(169);
  }
}

// 5 Mbit/s; from the second PCR to the third one there are 78 packets, and 65 between all others:
// nothing of what comes before the third one may wait for it.
TEST(PcrTest, AtAConstantRateASecondGapThatIsAFifthLongerDoesNotShow) {
  Stream stream;
  uint64_t zero = 0;  // byte that RTP time `wall` belongs to
  for (int i = 0; i < 40; i++) {
    const uint64_t byte = stream.octets, packets = i == 1 ? 78 : 65;
    EXPECT_FALSE(stream.pcr(with_pcr(at_5_megabit(byte + 10))));
    if (i == 1) zero = byte;
    for (uint64_t packet = 0; i > 0 && packet < packets; packet++)
      EXPECT_NEAR(stream.time(byte + packet * 188),
                  1000 + static_cast<double>(byte + packet * 188 - zero) * kTicksPerByte, 1)
          << "PCR " << i << ", packet " << packet;
    stream.nothing(packets - 1);
  }
}

// An uneven file has the same rate twice now and then: seen once in ten minutes.
TEST(PcrTest, TheSameRateTwiceMayBeChance) {
  Stream stream;
  uint64_t ticks = 0;
  for (const uint64_t packets : {100, 60, 60}) {  // in 80 ms each
    stream.pcr(with_pcr(ticks));
    stream.nothing(packets - 1);
    ticks += 2160000;
  }
  stream.pcr(with_pcr(ticks));
  const double start = stream.now();
  stream.nothing(159);  // and 160
  EXPECT_LE(stream.now() - start, 7200);
}

TEST(PcrTest, AtASteadyRateOnePcrInATenthOfASecondIsLookedAt) {
  Stream stream;
  uint64_t looked = 0, packets = 0, next_pcr = 0, newest = 0;
  for (uint64_t byte = 0; byte < 12'500'000; byte += 1316, packets++) {
    const bool blind = zc_clock_is_blind(&stream.clock, byte + 1316) != 0;
    looked += blind ? 0 : 1;
    while (next_pcr < byte + 1316) {
      if (!blind) {
        stream.octets = next_pcr;
        stream.pcr(with_pcr(at_5_megabit(next_pcr + 10)));
        EXPECT_LT(next_pcr - newest, 62500U + 2 * 12500) << "100 ms, and two PCRs";
        newest = next_pcr;
      }
      next_pcr += 12500 / 188 * 188 + (packets % 2) * 188;
    }
  }
  EXPECT_LT(looked * 14, packets);
  EXPECT_GT(looked * 62500, 12'500'000U);
}

TEST(PcrTest, WhatHasNoPcrsIsReadAltogetherAtFirstOnlyAndThenInGlances) {
  Stream stream;
  stream.clock.at_byte = 1'000'000'000;  // where its rule got this clock
  uint64_t looked = 0, packets = 0;
  for (uint64_t byte = 0; byte < 1'000'000'000; byte += 1316) {
    const bool blind = zc_clock_is_blind(&stream.clock, 1'000'000'000 + byte + 1316) != 0;
    EXPECT_FALSE(byte < 4'000'000 && blind) << byte;
    if (byte < 32 << 20) continue;
    packets++;
    looked += blind ? 0 : 1;
  }
  EXPECT_NEAR(static_cast<double>(looked) / static_cast<double>(packets), 1.0 / 16, 0.005);
}

TEST(PcrTest, AJumpBeforeTheRateIsKnownIsNoneOfTheTimestamps) {
  Stream stream;
  EXPECT_FALSE(stream.pcr(with_pcr(0)));
  stream.nothing(65);
  EXPECT_FALSE(stream.pcr(with_pcr(27'000'000ULL * 3600))) << "the wall's clock is in force";
  stream.nothing(65);
  EXPECT_FALSE(stream.pcr(with_pcr(27'000'000ULL * 3600 + 540'000)));
  EXPECT_TRUE(stream.locked());
}

}  // namespace
