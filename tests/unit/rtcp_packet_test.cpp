// SPDX-License-Identifier: GPL-2.0-only
// RTCP as bytes: what we write, what others write, and what nobody should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/cname.h"
#include "core/rtcp/packet.h"

namespace zc::core::rtcp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint32_t kSsrc = 0x11223344;

// RFC 3550 6.4.1: V=2, RC=0, PT=200, length 6 words behind the first.
TEST(RtcpBuild, SenderReport) {
  Bytes out;
  put_sender_report(out, kSsrc, {0xb44db70520000000, 0x01020304, 0x0a0b0c0d, 0xf0e0d0c0});
  EXPECT_THAT(out, ElementsAre(0x80, 200, 0, 6, 0x11, 0x22, 0x33, 0x44,  //
                               0xb4, 0x4d, 0xb7, 0x05, 0x20, 0, 0, 0,    //
                               1, 2, 3, 4, 0x0a, 0x0b, 0x0c, 0x0d, 0xf0, 0xe0, 0xd0, 0xc0));
}

TEST(RtcpBuild, EmptyReport) {
  Bytes out;
  put_empty_report(out, kSsrc);
  EXPECT_THAT(out, ElementsAre(0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44));
}

// RFC 3550 6.5: the list of items ends with at least one zero byte, at a word's end.
TEST(RtcpBuild, CnameEndsWithZerosUpToAWord) {
  Bytes out;
  put_cname(out, kSsrc, "a");
  EXPECT_THAT(out, ElementsAre(0x81, 202, 0, 2, 0x11, 0x22, 0x33, 0x44, 1, 1, 'a', 0));
  out.clear();
  put_cname(out, kSsrc, "ab");
  EXPECT_THAT(out,
              ElementsAre(0x81, 202, 0, 3, 0x11, 0x22, 0x33, 0x44, 1, 2, 'a', 'b', 0, 0, 0, 0));
  out.clear();
  put_cname(out, kSsrc, std::string(300, 'x'));
  EXPECT_EQ(out.size(), 4U + 4 + 2 + 255 + 3);
  EXPECT_EQ(out[9], 255);
}

TEST(RtcpBuild, Bye) {
  Bytes out;
  put_bye(out, kSsrc);
  EXPECT_THAT(out, ElementsAre(0x81, 203, 0, 1, 0x11, 0x22, 0x33, 0x44));
}

// RFC 4648 10 has "foobar" as Zm9vYmFy.
TEST(RtcpBuild, CnameIsBase64Of96Bits) {
  EXPECT_EQ(make_cname({'f', 'o', 'o', 'b', 'a', 'r', 0, 0, 0, 0xff, 0xff, 0xff}),
            "Zm9vYmFyAAAA////");
}

struct Taken {
  Flaw flaw = Flaw::kNone;
  Compound compound;
};

Taken take(const Bytes& bytes) {
  Taken taken;
  taken.flaw = parse(bytes, taken.compound);
  return taken;
}

// A receiver report with one block, as RFC 3550 6.4.2 draws it.
Bytes receiver_report() {
  return {0x81, 201,  0,    7,    0xaa, 0xbb, 0xcc, 0xdd,  // reporter
          0x11, 0x22, 0x33, 0x44, 0x40, 0xff, 0xff, 0xfe,  // a quarter lost; -2 in all
          0x00, 0x01, 0x80, 0x00, 0x00, 0x00, 0x01, 0x68,  // highest, jitter 360
          0xb7, 0x05, 0x20, 0x00, 0x00, 0x05, 0x40, 0x00};
}

Bytes with(Bytes bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

TEST(RtcpParse, BlockOfAReceiverReport) {
  const Taken taken = take(receiver_report());
  ASSERT_EQ(taken.flaw, Flaw::kNone);
  ASSERT_EQ(taken.compound.blocks.size(), 1U);
  const ReportBlock& block = taken.compound.blocks[0];
  EXPECT_EQ(block.reporter, 0xaabbccdd);
  EXPECT_EQ(block.ssrc, kSsrc);
  EXPECT_EQ(block.fraction, 0x40);
  EXPECT_EQ(block.cumulative, -2);
  EXPECT_EQ(block.highest, 0x18000U);
  EXPECT_EQ(block.jitter, 360U);
  EXPECT_EQ(block.lsr, 0xb7052000);
  EXPECT_EQ(block.dlsr, 0x00054000U);
  EXPECT_FALSE(taken.compound.reduced);
}

TEST(RtcpParse, BlocksOfASenderReportAndWhatFollows) {
  Bytes report{0x81, 200, 0, 13, 0xaa, 0xbb, 0xcc, 0xdd};
  report.resize(28);
  const Bytes block = receiver_report();
  report.insert(report.end(), block.begin() + 8, block.end());
  report = with(report, {9, 9, 9, 9});  // a profile's own word (RFC 3550 6.4.3)
  const Taken taken = take(with(report, {0x81, 203, 0, 1, 0xaa, 0xbb, 0xcc, 0xdd}));
  ASSERT_EQ(taken.flaw, Flaw::kNone);
  EXPECT_THAT(taken.compound.senders, ElementsAre(0xaabbccdd));
  ASSERT_EQ(taken.compound.blocks.size(), 1U);
  EXPECT_EQ(taken.compound.blocks[0].ssrc, kSsrc);
  EXPECT_THAT(taken.compound.byes, ElementsAre(0xaabbccdd));
}

// As it came from GStreamer 1.22: an RR, and SDES with CNAME and TOOL. It counts its first packet
// twice: one lost less than none.
TEST(RtcpParse, AReportOfGStreamer) {
  const Taken taken =
      take({0x81, 0xc9, 0x00, 0x07, 0x72, 0xeb, 0x4f, 0xc3, 0x0c, 0xee, 0xbc, 0xb9, 0x00, 0xff,
            0xff, 0xff, 0x00, 0x00, 0x56, 0x96, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x81, 0xca, 0x00, 0x0c, 0x72, 0xeb, 0x4f, 0xc3, 0x01, 0x1b,
            0x75, 0x73, 0x65, 0x72, 0x33, 0x32, 0x34, 0x32, 0x38, 0x30, 0x35, 0x39, 0x34, 0x31,
            0x40, 0x68, 0x6f, 0x73, 0x74, 0x2d, 0x32, 0x37, 0x32, 0x65, 0x37, 0x64, 0x65, 0x06,
            0x09, 0x47, 0x53, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x65, 0x72, 0x00, 0x00, 0x00, 0x00});
  ASSERT_EQ(taken.flaw, Flaw::kNone);
  ASSERT_EQ(taken.compound.blocks.size(), 1U);
  const ReportBlock& block = taken.compound.blocks[0];
  EXPECT_EQ(block.reporter, 0x72eb4fc3U);
  EXPECT_EQ(block.ssrc, 0x0ceebcb9U);
  EXPECT_EQ(block.cumulative, -1);
  EXPECT_EQ(block.highest, 0x5696U);
  EXPECT_EQ(block.jitter, 2U);
  EXPECT_EQ(block.lsr, 0U) << "no SR had come";
}

// As it came from ffmpeg 5.1, which adds one to the stream's SSRC for its own.
TEST(RtcpParse, AReportOfFfmpeg) {
  const Taken taken =
      take({0x81, 0xc9, 0x00, 0x07, 0xbe, 0x13, 0x67, 0xc5, 0xbe, 0x13, 0x67, 0xc4,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2d, 0x5d, 0x00, 0x00, 0x00, 0x14,
            0x2e, 0x30, 0xca, 0xb9, 0x00, 0x00, 0xe1, 0x15, 0x81, 0xca, 0x00, 0x03,
            0xbe, 0x13, 0x67, 0xc5, 0x01, 0x02, 0x76, 0x6d, 0x00, 0x00, 0x00, 0x00});
  ASSERT_EQ(taken.flaw, Flaw::kNone);
  ASSERT_EQ(taken.compound.blocks.size(), 1U);
  const ReportBlock& block = taken.compound.blocks[0];
  EXPECT_EQ(block.reporter, 0xbe1367c5);
  EXPECT_EQ(block.ssrc, 0xbe1367c4);
  EXPECT_EQ(block.highest, 0x2d5dU);
  EXPECT_EQ(block.jitter, 0x14U);
  EXPECT_EQ(block.lsr, 0x2e30cab9U);
  EXPECT_EQ(block.dlsr, 0xe115U);
}

TEST(RtcpParse, CumulativeLossHas24SignedBits) {
  Bytes report = receiver_report();
  report[13] = 0x7f;
  EXPECT_EQ(take(report).compound.blocks[0].cumulative, 0x7ffffe);
  report[13] = 0x80;
  report[14] = report[15] = 0;
  EXPECT_EQ(take(report).compound.blocks[0].cumulative, -0x800000);
}

// RFC 5506: feedback alone, without a report before it.
TEST(RtcpParse, ReducedSizeIsTaken) {
  const Taken taken = take({0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2});
  EXPECT_EQ(taken.flaw, Flaw::kNone);
  EXPECT_TRUE(taken.compound.reduced);
  EXPECT_EQ(taken.compound.unknown, 1U);
  EXPECT_THAT(taken.compound.blocks, IsEmpty());
}

// XR (RFC 3611) and APP between the report and the BYE.
TEST(RtcpParse, UnknownTypesArePassedOver) {
  Bytes compound = with(receiver_report(), {0x80, 207, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8});
  compound = with(compound, {0x80, 204, 0, 2, 1, 2, 3, 4, 'n', 'a', 'm', 'e'});
  compound = with(compound, {0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2});
  const Taken taken = take(compound);
  EXPECT_EQ(taken.flaw, Flaw::kNone);
  EXPECT_EQ(taken.compound.unknown, 2U);
  EXPECT_THAT(taken.compound.byes, ElementsAre(1U, 2U));
}

TEST(RtcpParse, PaddingOfTheLastPacketIsNoBlock) {
  Bytes bye = {0xa1, 203, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 8};
  EXPECT_EQ(take(with(receiver_report(), bye)).flaw, Flaw::kNone);
}

struct BadCase {
  const char* description;
  Bytes bytes;
  Flaw flaw;
};

Bytes changed(Bytes bytes, size_t at, uint8_t value) {
  bytes[at] = value;
  return bytes;
}

TEST(RtcpParse, SaysWhatIsWrong) {
  const Bytes good = receiver_report();
  const BadCase cases[] = {
      {"nothing", {}, Flaw::kShort},
      {"three bytes", {0x80, 201, 0}, Flaw::kShort},
      {"three bytes behind a packet", with(good, {0x81, 202, 0}), Flaw::kShort},
      {"version 1", changed(good, 0, 0x41), Flaw::kVersion},
      {"version 3", changed(good, 0, 0xc1), Flaw::kVersion},
      {"version 0 behind a packet", with(good, {0, 202, 0, 0}), Flaw::kVersion},
      {"RTP of payload type 33", changed(good, 1, 33), Flaw::kType},
      {"RTP of payload type 33 with its marker", changed(good, 1, 0x80 | 33), Flaw::kType},
      {"type 191", changed(good, 1, 191), Flaw::kType},
      {"type 224", changed(good, 1, 224), Flaw::kType},
      {"longer than the datagram", changed(good, 3, 8), Flaw::kLength},
      {"65535 words", changed(changed(good, 2, 255), 3, 255), Flaw::kLength},
      {"two blocks said, one there", changed(good, 0, 0x82), Flaw::kReport},
      {"31 blocks said, one there", changed(good, 0, 0x9f), Flaw::kReport},
      {"a report without its SSRC", {0x80, 201, 0, 0}, Flaw::kReport},
      {"an SR without its sender", {0x80, 200, 0, 1, 0, 0, 0, 1}, Flaw::kReport},
      {"padding before the last packet", with(changed(good, 0, 0xa1), {0x80, 203, 0, 0}),
       Flaw::kPadding},
      {"padding of no bytes", {0xa1, 203, 0, 1, 0, 0, 0, 0}, Flaw::kPadding},
      {"padding of five bytes", {0xa1, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 5}, Flaw::kPadding},
      {"padding into the header", {0xa0, 203, 0, 1, 0, 0, 0, 8}, Flaw::kPadding},
      {"padding without a byte", {0xa0, 203, 0, 0}, Flaw::kPadding},
      {"padding in the place of a block", changed(changed(good, 0, 0xa1), 31, 4), Flaw::kReport},
      {"SDES without its SSRC", {0x81, 202, 0, 0}, Flaw::kSdes},
      {"SDES without an end", {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'a', 'b'}, Flaw::kSdes},
      {"SDES with an item that leaves it",
       {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 'a', 'b'},
       Flaw::kSdes},
      {"SDES with half an item", {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, 'a', 1}, Flaw::kSdes},
      {"SDES with one chunk of two", {0x82, 202, 0, 2, 0, 0, 0, 1, 1, 1, 'a', 0}, Flaw::kSdes},
      {"BYE of two, one there", {0x82, 203, 0, 1, 0, 0, 0, 1}, Flaw::kBye},
      {"BYE with a reason that leaves it",
       {0x81, 203, 0, 2, 0, 0, 0, 1, 4, 'a', 'b', 'c'},
       Flaw::kBye},
  };
  for (const BadCase& bad : cases)
    EXPECT_STREQ(to_string(take(bad.bytes).flaw), to_string(bad.flaw)) << bad.description;
}

TEST(RtcpParse, ForgetsThePacketBefore) {
  Compound compound;
  ASSERT_EQ(parse(receiver_report(), compound), Flaw::kNone);
  ASSERT_EQ(parse(Bytes{0x80, 201, 0, 1, 0, 0, 0, 1}, compound), Flaw::kNone);
  EXPECT_THAT(compound.blocks, IsEmpty());
}

TEST(RtcpParse, TakesWhatIsBuilt) {
  Bytes out;
  put_sender_report(out, kSsrc, {});
  put_cname(out, kSsrc, "Zm9vYmFyAAAA////");
  put_bye(out, kSsrc);
  const Taken taken = take(out);
  EXPECT_EQ(taken.flaw, Flaw::kNone);
  EXPECT_THAT(taken.compound.senders, ElementsAre(kSsrc));
  EXPECT_THAT(taken.compound.byes, ElementsAre(kSsrc));
}

}  // namespace
}  // namespace zc::core::rtcp
