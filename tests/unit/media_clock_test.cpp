// SPDX-License-Identifier: GPL-2.0-only
// Which clock a payload has, and its ticks: literals from RFC 3551 4.5, fractions by hand.
#include "core/media_clock.h"

#include "core/rule.h"
#include "expect.h"

namespace zc::core {
namespace {

PayloadFormat payload(const std::string& name) {
  return value_of(find_payload(name));
}

PayloadFormat nameless(uint32_t clock_hz) {
  PayloadFormat format;
  format.payload_type = 96;
  format.clock_hz = clock_hz;
  return format;
}

MediaClock clock_of(const std::string& text) {
  return value_of(parse_timestamp(text));
}

TEST(MediaClockTest, EachPayloadHasAUsualClock) {
  for (const char* name : {"MP2T", "mp2t/90000"})
    EXPECT_EQ(usual_clock(payload(name)).kind, ZC_TIMESTAMP_PCR) << name;
  EXPECT_EQ(usual_clock(value_of(dynamic_payload("MP2T"))).kind, ZC_TIMESTAMP_PCR);
  for (const char* name : {"PCMU", "PCMA", "G722", "GSM", "G729", "G728", "LPC", "L16/44100/2",
                           "L16/48000/1", "L24/96000/8", "L8/8000", "G726-32"})
    EXPECT_EQ(usual_clock(payload(name)).kind, ZC_TIMESTAMP_SAMPLES) << name;
  for (const char* name : {"opus", "MPA", "G723", "DVI4/8000", "QCELP", "MP2P", "MP1S"})
    EXPECT_EQ(usual_clock(payload(name)).kind, ZC_TIMESTAMP_WALL) << name;
  EXPECT_EQ(usual_clock(nameless(48000)).kind, ZC_TIMESTAMP_WALL);
}

TEST(MediaClockTest, ItsWordsAreTaken) {
  EXPECT_EQ(clock_of("wall"), MediaClock{});
  EXPECT_EQ(clock_of("pcr").kind, ZC_TIMESTAMP_PCR);
  EXPECT_EQ(clock_of("samples").kind, ZC_TIMESTAMP_SAMPLES);
  EXPECT_EQ(clock_of("bytes:128k"), (MediaClock{ZC_TIMESTAMP_BYTES, 128000, 0}));
  EXPECT_EQ(clock_of("bytes:3.75M"), (MediaClock{ZC_TIMESTAMP_BYTES, 3750000, 0}));
  EXPECT_EQ(clock_of("packet:960"), (MediaClock{ZC_TIMESTAMP_PACKET, 0, 960}));
  for (const char* text : {"", "PCR", "clock", "bytes", "packet", "samples:1", "wall "})
    expect_error(parse_timestamp(text), ErrorKind::kUsage,
                 "is not one of wall, pcr, samples, bytes:BPS, packet:TICKS", "packet:960");
  for (const char* text : {"bytes:", "bytes:0", "bytes:99", "bytes:x", "bytes:2T"})
    expect_error(parse_timestamp(text), ErrorKind::kUsage, "--timestamp bytes:BPS takes", "1.5M");
  for (const char* text : {"packet:", "packet:0", "packet:2147483648", "packet:20ms"})
    expect_error(parse_timestamp(text), ErrorKind::kUsage, "--timestamp packet:TICKS takes");
}

struct Ratio {
  const char *clock, *payload;
  uint32_t whole;
  uint64_t q64;  // ceil(rest * 2^64)
};

// 2^64 = 18446744073709551616.
constexpr Ratio kRatios[] = {
    {"samples", "PCMU", 1, 0},
    {"samples", "G722", 1, 0},                            // 8 kHz clock, 64 kbit/s
    {"samples", "L16/44100/2", 0, 4611686018427387904U},  // a quarter
    {"samples", "L16/44100/1", 0, 9223372036854775808U},  // half
    {"samples", "L24/48000/2", 0, 3074457345618258603U},  // a sixth: …602.67
    {"samples", "GSM", 4, 15651782850420225614U},         // 160/33 = 4 + 28/33: …613.76
    {"samples", "G729", 8, 0},
    {"samples", "G728", 4, 0},
    {"samples", "LPC", 11, 7905747460161236407U},      // 160/14 = 11 + 3/7: …406.86
    {"samples", "G726-24", 2, 12297829382473034411U},  // 8/3: …410.67
    {"bytes:64000", "PCMU", 1, 0},                     // 8000 * 8 / 64000
    {"bytes:128k", "MPA", 5, 11529215046068469760U},   // 720000 / 128000 = 5 + 5/8
    {"bytes:5M", "MP2T", 0, 2656331146614175433U},     // 0.144: …432.70
    {"packet:960", "opus", 960, 0},
    {"packet:2160", "MPA", 2160, 0},
    {"wall", "MP2T", 0, 1660206966633859U},  // floor(90000 * 2^64 / 10^9)
    {"pcr", "MP2T", 0, 1660206966633859U},
};

TEST(MediaClockTest, TicksAreExact) {
  for (const Ratio& row : kRatios) {
    SCOPED_TRACE(std::string(row.clock) + " " + row.payload);
    const Ticks ticks = ticks_of(clock_of(row.clock), payload(row.payload));
    EXPECT_EQ(ticks.whole, row.whole);
    EXPECT_EQ(ticks.q64, row.q64);
  }
}

// What the program makes of it: 10^9 frames of 33 octets are 160 * 10^9 ticks and not one less.
TEST(MediaClockTest, WholeFramesGiveWholeTicksForEver) {
  struct Frames {
    const char* payload;
    uint64_t octets, ticks;
  };
  for (const Frames& each : {Frames{"GSM", 33, 160},
                             {"LPC", 14, 160},
                             {"L24/48000/2", 6, 1},
                             {"L16/44100/2", 4, 1},
                             {"G726-24", 3, 8}}) {
    SCOPED_TRACE(each.payload);
    const Ticks ticks = ticks_of({.kind = ZC_TIMESTAMP_SAMPLES}, payload(each.payload));
    for (const uint64_t count : {1ULL, 3ULL, 1'000'003ULL, 1'000'000'000ULL, 1ULL << 40}) {
      const uint64_t octets = count * each.octets;
      const auto rest = static_cast<unsigned __int128>(octets) * ticks.q64;
      EXPECT_EQ(octets * ticks.whole + static_cast<uint64_t>(rest >> 64), count * each.ticks)
          << count;
    }
  }
}

TEST(MediaClockTest, AClockThatThePayloadHasNotIsRefusedWithWhatWorks) {
  struct Wrong {
    const char *clock, *payload, *message, *hint;
  };
  for (const Wrong& wrong : {
           Wrong{"pcr", "PCMU", "PCMU has no PCRs", "leave --timestamp out"},
           {"pcr", "MP2P", "MP2P/90000 has no PCRs", "leave --timestamp out"},
           {"samples", "MP2T", "the bytes of MPEG-TS are no samples", "--timestamp pcr"},
           {"samples", "MPA", "MPA does not tell by its bytes", "packet:TICKS"},
           {"samples", "opus", "opus/48000/2 does not tell", "(20 ms: 960)"},
           {"samples", "G723", "G723 does not tell", "(20 ms: 160)"},
           {"samples", "MP2P", "MP2P/90000 does not tell", "--timestamp wall"},
       }) {
    SCOPED_TRACE(std::string(wrong.clock) + " " + wrong.payload);
    expect_error(check_clock(clock_of(wrong.clock), payload(wrong.payload)), ErrorKind::kUsage,
                 wrong.message, wrong.hint);
  }
  expect_error(check_clock(clock_of("samples"), nameless(48000)), ErrorKind::kUsage,
               "what payload type 96 is, only its operator knows", "--encoding L16/48000/2");
  expect_error(check_clock(clock_of("pcr"), nameless(48000)), ErrorKind::kUsage,
               "has a clock of 48000 Hz, not 90000", "--clock 90000");
  EXPECT_TRUE(check_clock(clock_of("pcr"), nameless(90000))) << "its operator knows";
  for (const char* any : {"wall", "bytes:1M", "packet:160"}) {
    for (const char* name : {"MP2T", "PCMU", "opus", "MPA"})
      EXPECT_TRUE(check_clock(clock_of(any), payload(name))) << any << " " << name;
  }
}

}  // namespace
}  // namespace zc::core
