// SPDX-License-Identifier: GPL-2.0-only
// Every size of frame, way of sending and kind of trouble, through a real kernel, byte by byte.
// ZC_TCP_BYTES: of the application, a stream (make test-tcp); ZC_TCP_FULL: on every path.
#include <gtest/gtest.h>

#include <cstdlib>

#include "fixture.h"

namespace zc::test {
namespace {

struct Trouble {
  const char* name;
  bool nonblocking, signals;
  Buffers buffers;
};

const std::vector<Trouble> kTroubles = {
    {"none", false, false, {0, false}},
    {"nonblocking", true, false, {0, false}},
    {"small_buffers_pauses", false, false, {30000, true}},
    {"nonblocking_small_pauses", true, false, {30000, true}},
    {"signals_pauses", false, true, {0, true}},
    {"signals_small_pauses", false, true, {60000, true}},
};

struct WayOf {
  const char* name;
  Manner manner;
};

const std::vector<WayOf> kWays = {
    {"whole_file", {Way::kWholeFile, false, false, 0}},
    {"from_here", {Way::kFromHere, false, false, 0}},
    {"splice", {Way::kSplice, false, false, 65536}},
    {"file_parts", {Way::kFileParts, false, false, 0}},
    {"write_64k", {Way::kWrite, false, false, 65536}},
    {"write_700", {Way::kWrite, false, false, 700}},
    {"big_write", {Way::kBigWrite, false, false, 0}},
    {"writev", {Way::kWritev, false, false, 90000}},
    {"more_64k", {Way::kMore, false, false, 65536}},
    {"more_5000", {Way::kMore, false, false, 5000}},
    {"mixed", {Way::kMixed, false, false, 90000}},
};

uint64_t wanted_bytes(uint64_t otherwise) {
  const char* text = std::getenv("ZC_TCP_BYTES");
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

class WaysTest : public TcpTest, public testing::WithParamInterface<uint32_t> {
 protected:
  void check(const WayOf& way, const Trouble& trouble, unsigned path) {
    const Look look = look_of(GetParam(), next_ % 2 != 0);
    uint64_t bytes = wanted_bytes(300000);
    if (way.manner.chunk == 700) bytes /= 4;
    bytes += next_ * 97 % 60000;  // so that not all end alike
    SCOPED_TRACE(std::string(way.name) + ", " + trouble.name + ", to " + kPaths[path].to +
                 (look.interleaved ? ", interleaved" : ", rfc4571"));
    Talk talk{kPaths[path].to, kPaths[path].netns, way.manner, trouble.buffers, next_ + 1};
    talk.manner.nonblocking = trouble.nonblocking;
    talk.manner.signals = trouble.signals;
    const bool never = next_ % 5 == 4;
    put_rule(talk.to, look, never ? ZC_FRAME_END_NEVER : ZC_FRAME_END_CALL);
    const Source source = file().first(std::min<uint64_t>(bytes, kFileBytes));
    const Said said = zc::test::talk(source, talk);
    EXPECT_EQ(judge(said, source, look, never), "");
    total_ += said.sent.bytes;
    partial_ += said.sent.partial + said.sent.refused;
    ++next_;
  }

  unsigned next_ = 0;
  uint64_t total_ = 0, partial_ = 0;
};

TEST_P(WaysTest, EveryByteArrivesInFramesOfTheirSize) {
  const bool full = std::getenv("ZC_TCP_FULL") != nullptr;
  const uint64_t broken = framer().count(ZC_VERDICT_broken);
  unsigned path = 0;
  for (const WayOf& way : kWays)
    for (const Trouble& trouble : kTroubles)
      for (size_t i = 0; i < (full ? kPaths.size() * 2 : 1); ++i) {
        check(way, trouble, path++ / (full ? 2 : 1) % kPaths.size());
        if (HasFailure()) return;
      }
  EXPECT_EQ(framer().count(ZC_VERDICT_broken), broken);
  EXPECT_GT(partial_, 20U);
  std::printf("%lu bytes, %lu calls of which the kernel took less\n", total_, partial_);
}

// Also where the last of what sendfile brings at a time is less than the frame wants that has begun
// before it; and where the call asks for more than there is.
TEST_P(WaysTest, AWholeFileHasOneShortFrameItsLast) {
  for (const Way way : {Way::kWholeFile, Way::kFromHere})
    for (const uint64_t more : {1, 7, 63, 700, 1387, 5000, 30000}) {
      const Look look = look_of(GetParam(), false);
      put_rule(kPaths[2].to, look, ZC_FRAME_END_CALL);
      const SourceFile film(3 * 65536 + more, more);
      const Source source = film.first(3 * 65536 + more);
      const Said said = zc::test::talk(source, {kPaths[2].to, kPaths[2].netns, {way}, {}, 1});
      ASSERT_EQ(said.sent.fault + said.heard.fault, "");
      const std::vector<Part> parts = {{true, 0, source.size, true}};
      const Parsed parsed =
          parse(said.heard.stream, {source.bytes, static_cast<size_t>(source.size)}, parts, look);
      EXPECT_EQ(parsed.fault, "") << source.size << " bytes";
      EXPECT_EQ(parsed.position, source.size);
    }
}

INSTANTIATE_TEST_SUITE_P(Bytes, WaysTest, testing::Values(64, 188, 1316, 1388, 8192, 60000),
                         [](const testing::TestParamInfo<uint32_t>& info) {
                           return "of_" + std::to_string(info.param);
                         });

}  // namespace
}  // namespace zc::test
