// SPDX-License-Identifier: GPL-2.0-only
// Timestamps: CLOCK_MONOTONIC at the payload's clock rate, from any first value, over the wrap.
#include <time.h>

#include <cmath>

#include "fixture.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// A timestamp and the moments between which it was taken.
struct Stamped {
  uint64_t before_ns, after_ns;
  uint32_t timestamp;
};

class ClockTest : public EgressTest {
 protected:
  Stamped send(int family = 4) {
    const Bytes frame = packet(family).build();
    Stamped stamped{};
    stamped.before_ns = monotonic_ns();
    const Verdict verdict = egress.run(frame);
    stamped.after_ns = monotonic_ns();
    stamped.timestamp = dissect_rtp(dissect(verdict.out).payload).timestamp;
    return stamped;
  }
};
ZC_EGRESS_TESTS(ClockTest);

void pause_ms(long ms) {
  const timespec time{0, ms * 1'000'000};
  nanosleep(&time, nullptr);
}

// The step lies between the shortest and the longest time that can have passed, one tick of
// rounding at each end.
void expect_step(const Stamped& from, const Stamped& to, double clock_hz) {
  const uint32_t step = to.timestamp - from.timestamp;  // modulo 2^32
  const double shortest = static_cast<double>(to.before_ns - from.after_ns) * clock_hz / 1e9;
  const double longest = static_cast<double>(to.after_ns - from.before_ns) * clock_hz / 1e9;
  EXPECT_GE(step, std::floor(shortest) - 1);
  EXPECT_LE(step, std::ceil(longest) + 1);
}

TEST_P(ClockTest, TheStepBetweenTwoPacketsIsTheTimeAtTheClockRate) {
  for (const uint32_t clock_hz : {8000U, 44100U, 90000U, 192000U, 1000000U}) {
    SCOPED_TRACE(clock_hz);
    egress.reset();
    egress.add_rule(0, {.clock_hz = clock_hz});
    const Stamped one = send();
    pause_ms(20);
    const Stamped two = send();
    expect_step(one, two, clock_hz);
  }
}

TEST_P(ClockTest, TheClockRunsOnWithoutPackets) {
  egress.add_rule(0, {});
  const Stamped one = send();
  for (int i = 0; i < 5; i++) {
    pause_ms(10);
    expect_step(one, send(), 90000);
  }
}

TEST_P(ClockTest, TimestampsRunOverTheWrap) {
  egress.add_rule(0, {.ts = 0xffffffff});
  const Stamped one = send();
  EXPECT_EQ(one.timestamp, 0xffffffffU);
  pause_ms(10);
  const Stamped two = send();
  EXPECT_LT(two.timestamp, 0x80000000U) << "10 ms are 900 ticks beyond the wrap";
  expect_step(one, two, 90000);
}

TEST_P(ClockTest, TheFirstTimestampIsExactlyTheOneGiven) {
  for (const uint32_t ts : {0U, 1U, 0x80000000U, 0xffffffffU}) {
    egress.reset();
    egress.add_rule(0, {.ts = ts});
    EXPECT_EQ(send().timestamp, ts);
  }
}

TEST_P(ClockTest, TheMomentOfTheLastPacketIsKeptForSenderReports) {
  egress.add_rule(0, {});
  const Stamped sent = send();
  const zc_stream stream = egress.streams().begin()->second;
  EXPECT_GE(stream.last_ns, sent.before_ns);
  EXPECT_LE(stream.last_ns, sent.after_ns);
  EXPECT_EQ(stream.last_ts, sent.timestamp);
}

}  // namespace
}  // namespace zc::test
