// SPDX-License-Identifier: GPL-2.0-only
// RTP timestamps of frames, also of those that the kernel cut: reckoned here in whole numbers from
// which of the application's bytes a frame begins with.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "fixture.h"
#include "ts_film.h"

namespace zc::test {
namespace {

constexpr uint32_t kFirst = 0xfffff000;                    // wraps
constexpr uint64_t kTicksOfNanosecond = 1660206966633859;  // 90,000 a second, times 2^64

struct Clock {
  const char* name;
  zc_timestamp kind;
  uint32_t whole;
  uint64_t q64;
  // RTP ticks between the first byte and byte `at`: at * up / down.
  uint64_t up, down;
};

// Two octets a sample; 90,000 ticks a second at 3,000,000 bit/s, which is 0.24 a byte.
const std::vector<Clock> kCounting = {
    {"samples_of_2_octets", ZC_TIMESTAMP_SAMPLES, 0, uint64_t{1} << 63, 1, 2},
    {"samples_of_1_octet", ZC_TIMESTAMP_SAMPLES, 1, 0, 1, 1},
    {"3_million_bits", ZC_TIMESTAMP_BYTES, 0, 4427218577690292388, 24, 100},
};

class TimestampsTest : public TcpTest {
 protected:
  // Ticks by which frames of a stream are off what they should be, at most: from frame `from` on.
  void check(const Source& source, const FramingRule& rule, const Look& look, const Clock& clock,
             const Manner& manner, const Buffers& buffers, bool relative) {
    SCOPED_TRACE(std::string(clock.name) + (manner.nonblocking ? ", cut" : ""));
    const Path& path = kPaths[2];
    framer().put_rule(path.to, rule);
    const Said said = talk(source, {path.to, path.netns, manner, buffers, 3});
    ASSERT_EQ(judge(said, source, look, false), "");
    EXPECT_TRUE(!manner.nonblocking || said.sent.partial + said.sent.refused > 3);
    const std::vector<Part> parts = {{true, 0, source.size, false}};
    const Parsed parsed =
        parse(said.heard.stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
    int64_t off = 0;
    const Frame& first = parsed.frames[relative ? parsed.frames.size() / 10 : 0];
    for (const Frame& frame : parsed.frames) {
      if (frame.begin < first.begin) continue;
      const uint64_t wanted =
          frame.begin * clock.up / clock.down - first.begin * clock.up / clock.down;
      const auto is =
          static_cast<uint32_t>(frame.timestamp - (relative ? first.timestamp : kFirst));
      off = std::max<int64_t>(off,
                              std::llabs(static_cast<int32_t>(is - static_cast<uint32_t>(wanted))));
    }
    EXPECT_LE(off, 1);
  }
};

const Manner kCut = {Way::kFileParts, true, false, 0};
const Buffers kSmall = {30000, true};

TEST_F(TimestampsTest, ClocksThatCountOctetsAreRightAtEachFrame) {
  for (const Clock& clock : kCounting)
    for (const bool cut : {false, true}) {
      const Look look = look_of(1316, cut);
      FramingRule rule = rule_of(look);
      rule.timestamp = clock.kind;
      rule.ticks_whole = clock.whole;
      rule.ticks_q64 = clock.q64;
      rule.first_ts = kFirst;
      check(file().first(3000000), rule, look, clock, cut ? kCut : Manner{},
            cut ? kSmall : Buffers{}, false);
    }
}

// 13,500 ticks of 27 MHz are 45 of 90 kHz.
TEST_F(TimestampsTest, AClockThatFollowsPcrsIsRightAtEachFrame) {
  const SourceFile film(transport_stream(16000));
  const Clock clock = {"pcr", ZC_TIMESTAMP_PCR, 0, 0, kPcrTicksOfPacket, 300 * kTsBytes};
  for (const uint32_t bytes : {188U, 1316U, 8178U, 1388U})
    for (const bool cut : {false, true}) {
      const Look look = look_of(bytes, cut);
      FramingRule rule = rule_of(look);
      rule.timestamp = clock.kind;
      rule.ticks_q64 = kTicksOfNanosecond;
      check(film.first(16000 * kTsBytes), rule, look, clock, cut ? kCut : Manner{},
            cut ? kSmall : Buffers{}, true);
    }
}

// M says that the clock's source has jumped (RFC 2250 2): once a jump, on the frame with its PCR,
// also where the kernel gave that frame back. A TS packet in two entries is not looked at: then
// with the next PCR.
TEST_F(TimestampsTest, EachJumpOfThePcrsHasItsMarkerAlsoUnderCuts) {
  constexpr unsigned kPackets = 48000, kJump = 400;
  const SourceFile film(transport_stream(kPackets, kJump));
  const Source source = film.first(kPackets * kTsBytes);
  const std::vector<Part> parts = {{true, 0, source.size, false}};
  for (const uint32_t bytes : {188U, 1316U, 8272U})
    for (const bool cut : {false, true}) {
      SCOPED_TRACE(std::to_string(bytes) + (cut ? ", cut" : ""));
      Look look = look_of(bytes, cut);
      look.markers = true;
      FramingRule rule = rule_of(look);
      rule.timestamp = ZC_TIMESTAMP_PCR;
      rule.ticks_q64 = kTicksOfNanosecond;
      framer().put_rule(kPaths[2].to, rule);
      const Said said = talk(source, {kPaths[2].to, kPaths[2].netns, cut ? kCut : Manner{},
                                      cut ? kSmall : Buffers{}, 3});
      ASSERT_EQ(judge(said, source, look, false), "");
      EXPECT_TRUE(!cut || said.sent.partial > 40) << said.sent.partial;
      const Parsed parsed =
          parse(said.heard.stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
      std::vector<unsigned> markers(kPackets / kJump);
      unsigned elsewhere = 0;
      for (const Frame& frame : parsed.frames) {
        if (!frame.marker) continue;
        const uint64_t last = (frame.end() - 1) / kTsBytes;  // TS packet that begins in it
        ++markers[last / kJump];
        elsewhere += last % kJump > 45 * 4;
      }
      EXPECT_EQ(elsewhere, 0U);
      EXPECT_EQ(markers[0], 0U);
      EXPECT_EQ(std::count(markers.begin() + 1, markers.end(), 1U), kPackets / kJump - 1);
    }
}

// Pages that the kernel takes next, each of which begins as a TS packet with a PCR of another time.
void litter() {
  const std::array<uint8_t, 12> ts = {0x47, 0x01, 0,    0x30, 7,    0x10,
                                      0xaa, 0xaa, 0xaa, 0xaa, 0x7e, 0};
  std::array<uint8_t, 4096> page{};
  std::copy(ts.begin(), ts.end(), page.begin());
  std::array<std::array<int, 2>, 64> pipes{};
  for (std::array<int, 2>& ends : pipes) {
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], page.data(), page.size()) > 0) {
    }
  }
  for (const std::array<int, 2>& ends : pipes) {
    close(ends[0]);
    close(ends[1]);
  }
}

TEST_F(TimestampsTest, WhatIsLeftInFreeMemoryIsNoPcr) {
  const SourceFile film(transport_stream(16000));
  const Clock clock = {"pcr", ZC_TIMESTAMP_PCR, 0, 0, kPcrTicksOfPacket, 300 * kTsBytes};
  const Look look = look_of(188, false);
  FramingRule rule = rule_of(look);
  rule.timestamp = clock.kind;
  rule.ticks_q64 = kTicksOfNanosecond;
  for (int times = 0; times < 5; ++times) {
    litter();
    check(film.first(16000 * kTsBytes), rule, look, clock, Manner{}, Buffers{}, true);
  }
}

}  // namespace
}  // namespace zc::test
