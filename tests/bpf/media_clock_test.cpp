// SPDX-License-Identifier: GPL-2.0-only
// Timestamps that follow the media: octets, packets, and the PCRs of a transport stream. Expected
// ones are reckoned here from what was sent.
#include <bpf/bpf.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "fixture.h"
#include "packet_builder.h"
#include "packet_checker.h"
#include "ts_packet.h"

namespace zc::test {
namespace {

constexpr uint32_t kFirst = 0xfffffff0;  // so that each test passes the wrap

class MediaClockTest : public EgressTest {
 protected:
  void add_rule(zc_timestamp clock, uint32_t whole, double part, uint8_t header_bytes = 0) {
    egress.add_rule(0, {.payload_header_bytes = header_bytes, .ts = kFirst});
    zc_rule rule{};
    ASSERT_TRUE(egress.read_rule(0, rule));
    rule.options.how.timestamp = static_cast<uint8_t>(clock);
    rule.options.how.payload_type = header_bytes ? 14 : 0;
    rule.options.ticks_whole = whole;
    rule.options.ticks_q64 = static_cast<uint64_t>(std::ceil(std::ldexp(part, 64)));
    egress.write_rule(0, rule);
  }

  uint32_t timestamp(size_t octets) {
    const Verdict verdict = egress.run(packet(4).payload(Bytes(octets, 0x55)).build());
    const Rtp rtp = dissect_rtp(dissect(verdict.out).payload);
    EXPECT_EQ(rtp.problem, "");
    return rtp.timestamp;
  }
};
ZC_EGRESS_TESTS(MediaClockTest);

TEST_P(MediaClockTest, SamplesOfOneOctetAreTicks) {
  add_rule(ZC_TIMESTAMP_SAMPLES, 1, 0);
  uint32_t expected = kFirst;
  for (const size_t octets : {160U, 160U, 1U, 80U, 1400U, 160U}) {
    EXPECT_EQ(timestamp(octets), expected);
    expected += static_cast<uint32_t>(octets);
  }
}

// RFC 3551 4.5.11: two channels of 16 bits make four octets a sample.
TEST_P(MediaClockTest, SamplesOfFourOctetsAreAQuarterOfATickEach) {
  add_rule(ZC_TIMESTAMP_SAMPLES, 0, 0.25);
  for (uint32_t i = 0; i < 50; i++)
    EXPECT_EQ(timestamp(1408), kFirst + i * 352);
}

// RFC 3551 4.5.8: a GSM frame of 33 octets is 160 samples, which is no binary fraction.
TEST_P(MediaClockTest, FramesOf33OctetsAre160TicksForEver) {
  add_rule(ZC_TIMESTAMP_SAMPLES, 4, 28.0 / 33);
  for (uint32_t i = 0; i < 2000; i++)
    ASSERT_EQ(timestamp(33), kFirst + i * 160);
}

TEST_P(MediaClockTest, PacketsAreTicksWhateverTheirLength) {
  add_rule(ZC_TIMESTAMP_PACKET, 3003, 0);
  uint32_t expected = kFirst;
  for (const size_t octets : {1U, 1400U, 0U, 700U}) {
    EXPECT_EQ(timestamp(octets), expected);
    expected += 3003;
  }
}

// MPA at 128 kbit/s: 90000 * 8 / 128000 = 5.625 ticks an octet. The four octets that we put in
// front (RFC 2250 3.5) are none of it.
TEST_P(MediaClockTest, APayloadHeaderIsNoMedia) {
  add_rule(ZC_TIMESTAMP_BYTES, 5, 0.625, 4);
  for (uint32_t i = 0; i < 20; i++)
    EXPECT_EQ(timestamp(400), kFirst + i * 2250);
}

// A transport stream of 5 Mbit/s, 43.2 ticks of 27 MHz a byte, with a PCR in every 66th TS packet.
class PcrClockTest : public MediaClockTest {
 protected:
  void SetUp() override {
    MediaClockTest::SetUp();
    egress.add_rule(0, {.ts = kFirst, .clock_stands = true});
    zc_rule rule{};
    ASSERT_TRUE(egress.read_rule(0, rule));
    rule.options.how.timestamp = ZC_TIMESTAMP_PCR;
    rule.options.pcr_pid = ZC_NO_PID;
    egress.write_rule(0, rule);
  }

  Bytes next(size_t ts_packets) {
    Bytes payload;
    for (size_t i = 0; i < ts_packets; i++, sent_++) {
      const Bytes ts =
          sent_ % 66 == 0 ? ts_packet_with_pcr(jump_ + (sent_ * 188 + 10) * 432 / 10) : ts_packet();
      payload.insert(payload.end(), ts.begin(), ts.end());
    }
    return payload;
  }

  Rtp send(size_t ts_packets, uint32_t mark = 0) {
    __sk_buff context{};
    context.mark = mark;
    const Verdict verdict = egress.run(packet(4).payload(next(ts_packets)).build(), &context);
    Rtp rtp = dissect_rtp(dissect(verdict.out).payload);
    EXPECT_EQ(rtp.problem, "");
    return rtp;
  }

  double ticks(uint64_t ts_packets) const { return static_cast<double>(ts_packets) * 188 * 0.144; }

  uint64_t sent_ = 0, jump_ = 0;
};
ZC_EGRESS_TESTS(PcrClockTest);

TEST_P(PcrClockTest, UntilTwoWereSeenTheClockIsTheWallsAndThenTheirs) {
  uint64_t anchor = 0;
  for (int i = 0; i < 2000; i++) {
    const uint64_t begins = sent_;
    const Rtp rtp = send(7);
    if (begins + 7 <= 66) {  // the second one is in TS packet 66
      EXPECT_EQ(rtp.timestamp, kFirst) << "the rule's clock stands";
      continue;
    }
    if (anchor == 0) anchor = begins;
    EXPECT_NEAR(rtp.timestamp - kFirst, ticks(begins - anchor), 1) << i;
    EXPECT_FALSE(rtp.marker);
  }
}

TEST_P(PcrClockTest, AJumpSetsTheMarkerOnceAndTheTimestampsGoOn) {
  int markers = 0;
  uint32_t before = 0;
  for (int i = 0; i < 400; i++) {
    if (i == 200) jump_ = 27'000'000ULL * 3600;
    const Rtp rtp = send(7);
    if (rtp.marker) markers++;
    if (i > 20) {
      EXPECT_NEAR(rtp.timestamp - before, ticks(7), 1) << i;
    }
    before = rtp.timestamp;
  }
  EXPECT_EQ(markers, 1);
}

// An application that cuts TS packets in two.
TEST_P(PcrClockTest, PcrsAreFoundWhereDatagramsBeginAnywhere) {
  const Bytes stream = next(66 * 40);
  for (size_t at = 0; at + 1000 <= stream.size(); at += 1000) {
    const Bytes part(stream.begin() + static_cast<ptrdiff_t>(at),
                     stream.begin() + static_cast<ptrdiff_t>(at) + 1000);
    egress.run(packet(4).payload(part).build());
  }
  const unsigned slot = egress.streams().begin()->first;
  zc_clock clock{};
  ASSERT_EQ(bpf_map_lookup_elem(egress.map_fd("zc_clocks"), &slot, &clock), 0);
  EXPECT_TRUE(clock.flags & ZC_CLOCK_LOCKED);
  EXPECT_NEAR(std::ldexp(static_cast<double>(clock.step_q32), -32), 0.144, 1e-6);
}

TEST_P(PcrClockTest, WhereAnotherCpuIsAtTheClockAPacketTakesTheTimeOfTheOneBefore) {
  for (int i = 0; i < 40; i++)
    send(7);
  const unsigned slot = egress.streams().begin()->first;
  zc_clock clock{};
  ASSERT_EQ(bpf_map_lookup_elem(egress.map_fd("zc_clocks"), &slot, &clock), 0);
  clock.busy = 1;
  ASSERT_EQ(bpf_map_update_elem(egress.map_fd("zc_clocks"), &slot, &clock, BPF_ANY), 0);
  const uint32_t before = egress.slot(slot).last_ts;
  EXPECT_EQ(send(7).timestamp, before);
}

// A stream in the slot of one that is gone must not begin with its clock.
TEST_P(PcrClockTest, AnotherStreamInTheSlotBeginsAnew) {
  constexpr uint32_t kSlots = ZC_DEFAULT_STREAMS * ZC_SLOTS_PER_STREAM;
  zc_clock locked{};
  locked.at_q32 = uint64_t{12345} << 32;
  locked.flags = ZC_CLOCK_BEGUN | ZC_CLOCK_LOCKED | ZC_CLOCK_STEADY;
  const std::vector<zc_clock> clocks(kSlots, locked);
  std::vector<unsigned> slots(kSlots);
  std::iota(slots.begin(), slots.end(), 0U);
  uint32_t count = kSlots;
  ASSERT_EQ(bpf_map_update_batch(egress.map_fd("zc_clocks"), slots.data(), clocks.data(), &count,
                                 nullptr),
            0);
  EXPECT_EQ(send(7).timestamp, kFirst);
  EXPECT_EQ(send(7).timestamp, kFirst);
}

// Whatever stands in a payload, there is a timestamp, and it does not go back.
TEST_P(PcrClockTest, NoBytesMakeTheClockGoBack) {
  uint64_t random = 7;
  uint32_t before = kFirst;
  for (int i = 0; i < 3000; i++) {
    Bytes payload = next(7);
    for (int change = 0; change < 6; change++) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      payload[(random >> 33) % 7 * 188 + (random >> 20) % 12] = static_cast<uint8_t>(random >> 50);
    }
    const Verdict verdict = egress.run(packet(4).payload(payload).build());
    const Rtp rtp = dissect_rtp(dissect(verdict.out).payload);
    ASSERT_EQ(rtp.problem, "");
    ASSERT_GE(static_cast<int32_t>(rtp.timestamp - before), 0) << i;
    before = rtp.timestamp;
  }
}

}  // namespace
}  // namespace zc::test
