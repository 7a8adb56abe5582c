// SPDX-License-Identifier: GPL-2.0-only
// When packets of a rule with --rate auto may leave, by zc_depart: expected times are those of the
// PCRs that each test wrote.
//
// How exact they are. Q32 ticks become nanoseconds by three divisions that round down, by less than
// 1 ns, 1 ns and 1/9 ns; the shift before them drops up to 2^-16 tick, 0.17 ns; and a rate of Q32
// ticks an octet is up to 2^-32 tick too small, over 100 ms at 4 Mbit/s 0.13 ns. A departure is
// never late, and less than 3 ns early.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "depart.h"
#include "fixture.h"
#include "packet_builder.h"
#include "ts_packet.h"

namespace zc::test {
namespace {

constexpr uint32_t kMarks = 0x7c000000;  // docs/pacing.md
constexpr uint32_t kSlot = 7;
constexpr uint64_t kSecond = 1'000'000'000, kHour = 3600 * kSecond;
constexpr uint64_t kMostEarly = 3;  // nanoseconds

// 4 Mbit/s, 54 ticks of 27 MHz a byte, which are 2000 ns; a PCR in every 27th TS packet, or each
// 10.152 ms. A datagram has seven, and takes 2.632 ms: that of the second PCR is the fourth.
constexpr uint64_t kTicksPerByte = 54, kDatagramNs = 2'632'000;
constexpr int kBeforeTheSecondPcr = 3;

class DepartMediaTest : public testing::Test {
 protected:
  void SetUp() override {
    egress.reset();
    pace(ZC_PACE_PCR);
    depart.put_entry(kSlot, {});
  }

  void pace(zc_pace kind, uint16_t pid = ZC_NO_PID) {
    zc_rule rule{};
    rule.options.how.pace = static_cast<uint8_t>(kind);
    rule.options.rate_bps = 4'000'000;
    rule.options.pcr_pid = pid;
    egress.write_rule(0, rule);
  }

  // The next seven TS packets.
  Bytes next() {
    Bytes payload;
    for (int i = 0; i < 7; i++, ts_packets_++) {
      const Bytes ts =
          ts_packets_ % 27 == 0
              ? ts_packet_with_pcr(base_ + (ts_packets_ * kTsBytes + kPcrByte) * kTicksPerByte,
                                   discontinuity_)
              : ts_packet();
      if (ts_packets_ % 27 == 0) discontinuity_ = false;
      payload.insert(payload.end(), ts.begin(), ts.end());
    }
    return payload;
  }

  uint64_t leaves(const Bytes& payload, int family = 4) {
    return depart.run(packet(family).payload(payload).build(), kMarks | kSlot);
  }

  // Lets the next datagram leave, and expects that it may do so now.
  uint64_t leaves_at_once() {
    const uint64_t before = monotonic_ns(), at = leaves(next());
    EXPECT_GE(at, before);
    EXPECT_LE(at, monotonic_ns());
    return at;
  }

  // Up to the datagram of the second PCR, from whose time all others' is reckoned.
  uint64_t lock() {
    for (int i = 0; i < kBeforeTheSecondPcr; i++)
      leaves_at_once();
    return leaves_at_once();
  }

  // Acts as if all that was told so far had been told for so much later, or for earlier.
  void put_off(int64_t by_ns) {
    zc_waiting entry = depart.entry(kSlot);
    entry.anchor_ns += static_cast<uint64_t>(by_ns);
    entry.next_ns += static_cast<uint64_t>(by_ns);
    depart.put_entry(kSlot, entry);
  }

  // Likewise, and gives the time that others are reckoned from: an hour ahead nobody is late, on
  // however busy a machine.
  uint64_t lock_an_hour_ahead() {
    const uint64_t anchor = lock();
    put_off(kHour);
    return anchor + kHour;
  }

  static void expect_at(uint64_t at, uint64_t expected, uint64_t most_early = kMostEarly) {
    EXPECT_LE(at, expected);
    EXPECT_LT(expected - at, most_early) << "nanoseconds early";
  }

  Egress& egress = shared_egress(0);
  Depart& depart = shared_depart();
  uint64_t base_ = 0;  // of the PCRs
  bool discontinuity_ = false;
  uint64_t ts_packets_ = 0;
};

TEST_F(DepartMediaTest, FromTheSecondPcrOnEachLeavesAtTheTimeOfItsFirstByte) {
  const uint64_t anchor = lock_an_hour_ahead();
  for (uint64_t i = 1; i < 2000; i++)
    expect_at(leaves(next(), i % 2 ? 4 : 6), anchor + i * kDatagramNs);
}

// The clock of a stream of 1671 bit/s, with a PCR in each TS packet: 4000 s in 635 datagrams. It is
// anchored anew each 1000 s.
TEST_F(DepartMediaTest, AStreamThatRunsForLongDoesNotDrift) {
  constexpr uint64_t kTsNs = 900'000'000;
  const auto seven = [&] {
    Bytes payload;
    for (int i = 0; i < 7; i++, ts_packets_++) {
      const Bytes ts = ts_packet_with_pcr(ts_packets_ * kPcrHz / 10 * 9);
      payload.insert(payload.end(), ts.begin(), ts.end());
    }
    return payload;
  };
  leaves(seven());
  put_off(kHour);
  const uint64_t anchor = depart.entry(kSlot).anchor_ns;
  for (uint64_t i = 1; i < 635; i++)
    expect_at(leaves(seven()), anchor + i * 7 * kTsNs, kMostEarly * 5);
  EXPECT_GT(depart.entry(kSlot).anchor_ns, anchor + 3 * 1000 * kSecond);
}

// The first one comes before the rate has proved steady: later not every PCR is looked at, and one
// that says so may be passed over (docs/clocks.md).
TEST_F(DepartMediaTest, WhereThePcrsJumpTheTimeRunsOn) {
  const std::function<void()> jumps[] = {
      [&] { base_ += kPcrHz / 2, discontinuity_ = true; },
      [&] { base_ += kPcrHz * 3600; },                           // another film
      [&] { base_ -= ts_packets_ * kTsBytes * kTicksPerByte; },  // as a film that begins anew
  };
  const uint64_t anchor = lock_an_hour_ahead();
  uint64_t datagrams = 0;
  for (const auto& jump : jumps) {
    jump();
    for (int i = 0; i < 200; i++) {
      datagrams++;
      expect_at(leaves(next()), anchor + datagrams * kDatagramNs);
    }
  }
}

TEST_F(DepartMediaTest, WhoIsUpToHalfASecondLateIsHurriedAfter) {
  const uint64_t anchor = lock();
  put_off(-300'000'000);
  expect_at(leaves(next()), anchor - 300'000'000 + kDatagramNs);
  expect_at(leaves(next()), anchor - 300'000'000 + 2 * kDatagramNs);
}

TEST_F(DepartMediaTest, WhoIsLaterIsAnchoredAnew) {
  lock();
  put_off(-500'000'001 - static_cast<int64_t>(kDatagramNs));
  const uint64_t anchor = leaves_at_once();
  put_off(kHour);
  for (uint64_t i = 1; i < 50; i++)
    expect_at(leaves(next()), anchor + kHour + i * kDatagramNs);
}

TEST_F(DepartMediaTest, WithoutPcrsOrWithThoseOfAnotherPidAllLeavesAtOnce) {
  for (int i = 0; i < 20; i++) {
    const uint64_t before = monotonic_ns();
    EXPECT_GE(leaves(Bytes(1316, 0x47)), before);
  }
  pace(ZC_PACE_PCR, 0x101);
  for (int i = 0; i < 20; i++)
    leaves_at_once();
}

TEST_F(DepartMediaTest, WhereAnotherCpuIsAtTheClockAPacketLeavesWithTheOneBefore) {
  const uint64_t anchor = lock_an_hour_ahead();
  zc_waiting entry = depart.entry(kSlot);
  entry.clock.busy = 1;
  depart.put_entry(kSlot, entry);
  EXPECT_EQ(leaves(next()), anchor);
}

// 1.2 to 3.2 Mbit/s, another rate from each PCR to the next, 80 ms later.
TEST_F(DepartMediaTest, AnUnevenStreamIsNeverMoreThanAPcrGapOffAndNeverGoesBack) {
  constexpr uint64_t kGapNs = 80'000'000;
  Bytes film;
  std::vector<size_t> pcrs;  // where each one's byte is
  uint64_t random = 42;
  for (uint64_t i = 0; i < 200; i++) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    pcrs.push_back(film.size() + kPcrByte);
    for (uint64_t packet = 0, count = 64 + (random >> 33) % 106; packet < count; packet++) {
      const Bytes ts = packet ? ts_packet() : ts_packet_with_pcr(i * kPcrHz * 80 / 1000);
      film.insert(film.end(), ts.begin(), ts.end());
    }
  }
  const auto truth = [&](size_t byte) {
    const auto behind = std::upper_bound(pcrs.begin() + 1, pcrs.end() - 1, byte);
    const auto before = static_cast<double>(*(behind - 1)),
               gap = static_cast<double>(*behind) - before;
    return kGapNs * ((static_cast<double>(byte) - before) / gap +
                     static_cast<double>(behind - pcrs.begin() - 1));
  };

  uint64_t last = 0, same = 0;
  double anchored = 0;
  for (size_t at = 0; at + 1316 < pcrs.back(); at += 1316) {
    const uint64_t leaving = leaves(Bytes(film.begin() + static_cast<ptrdiff_t>(at),
                                          film.begin() + static_cast<ptrdiff_t>(at) + 1316));
    EXPECT_GE(leaving, last) << at;
    same += leaving == last ? 1 : 0;
    last = leaving;
    if (at + 1316 <= pcrs[1]) continue;
    if (anchored == 0) {
      anchored = static_cast<double>(leaving + kHour) - truth(at);
      put_off(kHour);
      last += kHour;
      continue;
    }
    EXPECT_LT(std::abs(static_cast<double>(leaving) - anchored - truth(at)), kGapNs) << at;
  }
  EXPECT_GT(same, 100U) << "it waits for the next PCR rather than run past it";
}

TEST_F(DepartMediaTest, AfterARateItBeginsAnew) {
  lock_an_hour_ahead();
  leaves(next());
  pace(ZC_PACE_RATE);
  leaves(next());
  pace(ZC_PACE_PCR);
  zc_waiting entry = depart.entry(kSlot);
  entry.next_ns = 0;  // the hour is over
  depart.put_entry(kSlot, entry);
  ts_packets_ = 0;
  const uint64_t anchor = lock_an_hour_ahead();
  expect_at(leaves(next()), anchor + kDatagramNs);
}

// A stream in the slot of one that has sent 50 MB, with PCRs up to its end.
class DepartSlotTest : public DepartMediaTest {
 protected:
  // What zc_egress sees of the new stream's next packet: it makes or renews the entry.
  uint64_t comes_to_wait(const Bytes& payload) {
    const Bytes sent = packet(4).payload(payload).build();
    const Verdict waits = egress.run(sent);
    EXPECT_EQ(waits.code, kRedirected);
    mark_ = waits.mark;
    return depart.run(sent, waits.mark);
  }

  void SetUp() override {
    DepartMediaTest::SetUp();
    egress.set_pace(1, ZC_PACE_KIND_FQ);
    egress.add_rule(0, {.ssrc = 0x11223344});
    zc_rule rule{};
    ASSERT_TRUE(egress.read_rule(0, rule));
    rule.options.how.pace = ZC_PACE_PCR;
    rule.options.pcr_pid = ZC_NO_PID;
    egress.write_rule(0, rule);
    comes_to_wait({0});
    slot_ = mark_ & 0xffffff;
    ASSERT_EQ(depart.entry(slot_).ssrc, 0x11223344U);
    depart.put_entry(slot_, of_another());
  }

  static zc_waiting of_another() {
    zc_waiting entry{};
    entry.ssrc = 0x55667788;
    entry.octets = 50'000'000;
    entry.next_ns = entry.anchor_ns = monotonic_ns() + kHour;
    entry.clock.at_byte = 49'990'000;
    entry.clock.at_q32 = 1;
    entry.clock.step_q32 = 1;
    entry.clock.flags = ZC_CLOCK_BEGUN | ZC_CLOCK_LOCKED | ZC_CLOCK_STEADY;
    return entry;
  }

  uint32_t mark_ = 0, slot_ = 0;
};

TEST_F(DepartSlotTest, AnotherStreamInTheSlotBeginsAnewAndItsPcrsAreLookedAt) {
  for (int i = 0; i <= kBeforeTheSecondPcr; i++) {
    const uint64_t at = comes_to_wait(next());
    EXPECT_LE(at, monotonic_ns()) << "the old one's hour is not its own";
  }
  const zc_waiting entry = depart.entry(slot_);
  EXPECT_EQ(entry.ssrc, 0x11223344U);
  EXPECT_EQ(entry.octets, 4 * 1316U);
  EXPECT_TRUE(entry.clock.flags & ZC_CLOCK_LOCKED);
  EXPECT_EQ(entry.clock.at_byte, 27 * kTsBytes + kPcrByte);
}

// Why the byte that the old clock was at has to go, too: a stream that seems to have shown no PCR
// for long is looked at now and then only (zc_clock_has_no_hope).
TEST_F(DepartSlotTest, WithTheOldClocksByteItsPcrsWouldNotBeLookedAt) {
  zc_waiting left = of_another();
  left.ssrc = 0x11223344;
  left.octets = left.next_ns = left.anchor_ns = 0;
  left.clock.flags = 0;
  depart.put_entry(slot_, left);
  for (int i = 0; i < 1000; i++)
    comes_to_wait(next());
  EXPECT_EQ(depart.entry(slot_).clock.flags, 0);
}

}  // namespace
}  // namespace zc::test
