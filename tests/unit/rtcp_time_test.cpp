// SPDX-License-Identifier: GPL-2.0-only
// The times of RTCP: NTP, round trips, when to send, and which RTP timestamp an instant has.
#include <gtest/gtest.h>

#include "core/rtcp/mapping.h"
#include "core/rtcp/ntp.h"
#include "core/rtcp/schedule.h"

namespace zc::core::rtcp {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

// --- NTP

// RFC 3550 6.4.1, figure 2: 10 Nov 1995 11:33:25.125 UTC is b44d:b705:2000:0000.
TEST(Ntp, TheExampleOfRfc3550) {
  EXPECT_EQ(to_ntp(816003205'125'000'000), 0xb44db70520000000);
  EXPECT_EQ(ntp_middle(0xb44db70520000000), 0xb7052000);
}

// RFC 868: 2,208,988,800 is 00:00 1 Jan 1970.
TEST(Ntp, BeginsIn1900) {
  EXPECT_EQ(to_ntp(0), 2'208'988'800ULL << 32);
  EXPECT_EQ(to_ntp(999'999'999) & 0xffffffff, 0xfffffffb);  // floor((1 - 10^-9) * 2^32)
}

// 7 Feb 2036 06:28:16 UTC is 2^32 seconds after 1900 (RFC 5905 6).
TEST(Ntp, BeginsAgainIn2036) {
  constexpr uint64_t kEra = 2'085'978'496 * kSecond;
  EXPECT_EQ(to_ntp(kEra - 1) >> 32, 0xffffffff);
  EXPECT_EQ(to_ntp(kEra), 0U);
  EXPECT_EQ(to_ntp(kEra + kSecond / 2), 0x80000000U);
  EXPECT_EQ(to_ntp(kEra + 5 * kSecond), 5ULL << 32);
}

// RFC 3550 6.4.1, figure 2: 6.125 s.
TEST(RoundTrip, TheExampleOfRfc3550) {
  EXPECT_EQ(round_trip_us(0xb7108000, 0xb7052000, 0x00054000), 6'125'000U);
}

TEST(RoundTrip, OverTheEraOfNtpAndItsMiddle) {
  constexpr uint64_t kEra = 2'085'978'496 * kSecond;
  const uint32_t sent = ntp_middle(to_ntp(kEra - kSecond));
  const uint32_t heard = ntp_middle(to_ntp(kEra + kSecond));
  EXPECT_EQ(round_trip_us(heard, sent, 0x00010000), 1'000'000U);
}

TEST(RoundTrip, NothingWhereItCannotBe) {
  EXPECT_EQ(round_trip_us(0x10000, 0, 0), std::nullopt) << "no SR came yet";
  EXPECT_EQ(round_trip_us(0x10000, 0x10000, 1), 0U) << "finer than the ticks";
  EXPECT_EQ(round_trip_us(0x10000, 0x10000, 0x10000), std::nullopt)
      << "a second before it was sent";
  EXPECT_EQ(round_trip_us(0x7fffffff, 1, 0), std::nullopt) << "nine hours";
}

// --- The interval (RFC 3550 6.2, 6.3.1, A.7)

Session session(double octets_per_second, uint32_t members, uint32_t senders = 1,
                bool we_sent = true) {
  return {octets_per_second, members, senders, we_sent};
}

TEST(Interval, TminAndHalfOfItBeforeTheFirst) {
  EXPECT_DOUBLE_EQ(deterministic_interval(session(1e6, 2), 100, false), 5);
  EXPECT_DOUBLE_EQ(deterministic_interval(session(1e6, 2), 100, true), 2.5);
  EXPECT_DOUBLE_EQ(deterministic_interval(session(0, 2), 100, false), 5) << "not known";
}

// 8000 octets/s: RTCP gets 400, senders a quarter of it while they are a quarter of the members.
TEST(Interval, SendersHaveAQuarterWhereTheyAreFew) {
  EXPECT_DOUBLE_EQ(deterministic_interval(session(8000, 4), 1000, false), 1000 * 1 / 100.0);
  EXPECT_DOUBLE_EQ(deterministic_interval(session(8000, 3), 4000, false), 4000 * 3 / 400.0);
  EXPECT_DOUBLE_EQ(deterministic_interval(session(8000, 41, 1, false), 300, false),
                   300 * 40 / 300.0);
}

// Multiplied by [0.5, 1.5) and divided by e - 3/2.
TEST(Schedule, ChanceMovesTheInterval) {
  const Session few = session(1e6, 2);
  EXPECT_FALSE(Schedule(0, few, 64, 0).due(1'026'000'000));
  EXPECT_TRUE(Schedule(0, few, 64, 0).due(1'027'000'000));  // 2.5 · 0.5 / 1.21828 = 1.0260 s
  EXPECT_FALSE(Schedule(0, few, 64, 0.5).due(2'052'000'000));
  EXPECT_TRUE(Schedule(0, few, 64, 0.5).due(2'053'000'000));  // 2.0521 s
  Schedule later(0, few, 64, 0);
  later.sent(kSecond, few, 64, 0.5);
  EXPECT_FALSE(later.due(kSecond + 4'104'000'000));  // 5 · 1.0 / 1.21828 = 4.1042 s
  EXPECT_TRUE(later.due(kSecond + 4'105'000'000));
}

// 6.3.6: members that came meanwhile put it off, from when it sent last.
TEST(Schedule, IsReconsideredWhenItIsDue) {
  Schedule schedule(0, session(8000, 2), 72, 0);  // of 100 octets on the wire
  schedule.sent(10 * kSecond, session(8000, 2), 72, 0.5);
  const uint64_t due = 10 * kSecond + 4'105'000'000;
  ASSERT_TRUE(schedule.due(due));
  EXPECT_FALSE(schedule.reconsider(due, session(8000, 400, 100, true), 0.5));
  EXPECT_FALSE(schedule.due(10 * kSecond + 82'082'000'000));  // 100·100/100 = 100 s / 1.21828
  EXPECT_TRUE(schedule.due(10 * kSecond + 82'083'000'000));
  EXPECT_TRUE(schedule.reconsider(10 * kSecond + 82'084'000'000, session(8000, 2), 0.5));
}

// 6.3.3: the newest packet is a sixteenth of the average.
TEST(Schedule, AveragesTheLengthOfPackets) {
  Schedule schedule(0, session(800, 2), 72, 0);
  EXPECT_DOUBLE_EQ(schedule.interval(session(800, 2)), 100 * 2 / 40.0);
  schedule.received(72 + 160);
  EXPECT_DOUBLE_EQ(schedule.interval(session(800, 2)), 110 * 2 / 40.0);
}

// --- The RTP timestamp of an instant

TEST(Mapping, GoesOnFromTheNewestPacket) {
  Mapping mapping(90000, true);
  mapping.take({1000, 5 * kSecond});
  EXPECT_EQ(mapping.rtp_at(5 * kSecond), 1000U);
  EXPECT_EQ(mapping.rtp_at(5 * kSecond + kSecond / 2), 46000U);
  mapping.take({91000, 6 * kSecond});
  EXPECT_EQ(mapping.rtp_at(6 * kSecond + 1'000'000), 91090U);
}

TEST(Mapping, OverTheWrapOfTheTimestamp) {
  Mapping mapping(90000, true);
  for (int i = 0; i < 4; i++)
    mapping.take({0xffffffff - 90000 + 1 + static_cast<uint32_t>(i) * 45000,
                  100 * kSecond + static_cast<uint64_t>(i) * kSecond / 2});
  EXPECT_EQ(mapping.rtp_at(102 * kSecond), 90000U);
}

// Every third packet comes 40 ms late; most do not.
TEST(Mapping, PacketsThatComeLateDoNotMoveIt) {
  Mapping mapping(8000, false);
  for (uint32_t i = 0; i < 30; i++) {
    const uint64_t late = i % 3 == 2 ? 40'000'000 : 0;
    const uint64_t now = 7 * kSecond + i * kSecond / 5 + late;
    mapping.take({i * 1600, now});
    if (i <= 4) continue;
    EXPECT_EQ(mapping.rtp_at(now), i * 1600 + late / 125000) << i;
  }
}

TEST(Mapping, AMediumStandsStillASecondAfterItsLastPacketAndWallDoesNot) {
  Mapping medium(8000, false), wall(8000, true);
  medium.take({500, kSecond});
  wall.take({500, kSecond});
  EXPECT_EQ(medium.rtp_at(2 * kSecond), 8500U);
  EXPECT_EQ(medium.rtp_at(9 * kSecond), 8500U);
  EXPECT_EQ(wall.rtp_at(9 * kSecond), 64500U);
}

TEST(Mapping, AfterAPauseItBeginsAnew) {
  Mapping mapping(8000, false);
  for (uint32_t i = 0; i < 9; i++)
    mapping.take({i * 1600, kSecond + i * kSecond / 5});
  mapping.take({9 * 1600, 60 * kSecond});
  EXPECT_EQ(mapping.rtp_at(60 * kSecond), 9U * 1600);
}

TEST(Mapping, SeesWhereNobodyPaces) {
  Mapping blast(90000, false), live(90000, false), slow(90000, false);
  for (uint32_t i = 0; i < 9; i++) {
    blast.take({i * 900'000, kSecond + i * kSecond / 5});
    live.take({i * 18'000, kSecond + i * kSecond / 5});
    slow.take({i * 9'000, kSecond + i * kSecond / 5});
  }
  EXPECT_TRUE(blast.unpaced());
  EXPECT_FALSE(live.unpaced());
  EXPECT_FALSE(slow.unpaced());
}

}  // namespace
}  // namespace zc::core::rtcp
