// SPDX-License-Identifier: GPL-2.0-only
// The soak's judge: it finds what is planted, and nothing in what is right. Frames are built by
// support/frame.h, which shares no code with it.
#include "soak/judge.h"

#include <gtest/gtest.h>

#include "support/frame.h"
#include "support/tap.h"

namespace zc::test {
namespace {

constexpr size_t kIpv4Headers = 14 + 20 + 8;
const Bytes kLcoExtension = from_hex("bede0001 e2000000");

struct Stamp {
  uint16_t sequence = 0;
  uint32_t timestamp = 90;
  uint32_t ssrc = 0x11223344;
  Bytes extension = kLcoExtension;
};

Bytes rtp(const Stamp& stamp, ByteView payload) {
  Bytes packet{static_cast<uint8_t>(stamp.extension.empty() ? 0x80 : 0x90), 33};
  append_be16(packet, stamp.sequence);
  for (const uint32_t word : {stamp.timestamp, stamp.ssrc}) {
    append_be16(packet, static_cast<uint16_t>(word >> 16));
    append_be16(packet, static_cast<uint16_t>(word));
  }
  append(packet, stamp.extension);
  append(packet, payload);
  return packet;
}

class JudgeTest : public testing::Test {
 protected:
  // A frame of the first stream, which is right if the stamp is.
  Bytes frame(const Stamp& stamp, Part part) const {
    return build_frame({.source = streams_[0].from(),
                        .destination = streams_[0].to(),
                        .payload = rtp(stamp, ByteView(file_).subspan(part.offset, part.bytes))});
  }
  // The next right one.
  Bytes next() {
    timestamp_ += 90;
    return frame({.sequence = sequence_++, .timestamp = timestamp_}, datagrams_.next());
  }
  void take(Bytes bytes, const VnetHeader& vnet = {}) { judge_.take(vnet, bytes); }
  using Problems = std::map<std::string, uint64_t>;

  std::vector<SoakStream> streams_ = soak_streams(10);
  Bytes file_ = random_bytes(100'000, 3);
  Judge judge_{streams_, file_};
  Datagrams datagrams_{streams_[0], file_.size()};
  uint16_t sequence_ = 65'530;
  uint32_t timestamp_ = 0xffffff00;  // it wraps, too
};

TEST_F(JudgeTest, RightFramesHaveNoProblemOverTheWrapOfTheNumber) {
  for (int i = 0; i < 200; i++)
    take(next());
  EXPECT_EQ(judge_.problems(), Problems{});
  EXPECT_EQ(judge_.taken(), 200U);
  EXPECT_EQ(judge_.seen(0).frames, 200U);
  EXPECT_EQ(judge_.seen(0).payload_bytes, 200U * 1316);
}

TEST_F(JudgeTest, EveryFlippedBitBehindTheEthernetHeaderIsFound) {
  take(next());
  const Bytes right = next();
  for (size_t bit = 12 * 8; bit < right.size() * 8; bit++) {
    Judge judge(streams_, file_);
    Bytes wrong = right;
    wrong[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    const bool noise = is_kernel_noise(wrong);
    judge.take({}, wrong);
    EXPECT_EQ(judge.wrong(), noise ? 0U : 1U) << "bit " << bit;
  }
}

TEST_F(JudgeTest, ASumIsCompletedWhereTheDeviceIsToldTo) {
  const Bytes right = next();
  Bytes partial = right;
  put_be16(partial, kIpv4Headers - 2, pseudo_header_sum(ByteView(right).subspan(14), 1344));
  take(partial, {.flags = VnetHeader::kNeedsChecksum, .csum_start = 34, .csum_offset = 6});
  EXPECT_EQ(judge_.problems(), Problems{});
  take(next(), {.flags = VnetHeader::kNeedsChecksum, .csum_start = 54, .csum_offset = 2});
  EXPECT_EQ(judge_.wrong(), 1U);
  take(next(), {.flags = VnetHeader::kNeedsChecksum, .csum_start = 5000, .csum_offset = 2});
  EXPECT_EQ(judge_.problems().count("the checksum's place lies behind the frame"), 1U);
}

TEST_F(JudgeTest, LossesAndOtherNumbersAreFoundAndWhatFollowsIsJudgedByItself) {
  take(next());
  next();
  next();
  take(next());
  take(next());
  EXPECT_EQ(judge_.problems(), (Problems{{"sequence number", 1}}));
  take(frame({.sequence = sequence_++, .timestamp = timestamp_, .ssrc = 0x1122ffff},
             datagrams_.next()));
  EXPECT_EQ(judge_.problems().at("SSRC"), 1U);
  timestamp_ -= 1000;
  take(next());
  EXPECT_EQ(judge_.problems().at("timestamp"), 1U);
}

TEST_F(JudgeTest, EachKindOfFaultHasItsName) {
  const auto problems_of = [this](const Bytes& wrong) {
    Judge judge(streams_, file_);
    Bytes copy = wrong;
    judge.take({}, copy);
    EXPECT_EQ(judge.wrong(), 1U);
    return judge.problems().begin()->first;
  };
  const Part first = datagrams_.next();
  EXPECT_EQ(problems_of(frame({}, {first.offset + 1, first.bytes})), "payload");
  EXPECT_EQ(problems_of(frame({}, {first.offset, first.bytes - 1})), "payload");
  EXPECT_EQ(problems_of(frame({.extension = {}}, first)), "RTP header extension");
  EXPECT_EQ(problems_of(frame({.extension = from_hex("bede0fff e2000000")}, first)),
            "RTP header extension");
  EXPECT_EQ(problems_of(build_frame({.source = streams_[0].from(),
                                     .destination = streams_[0].to(),
                                     .payload = Bytes(1316, 0x47)})),
            "RTP header");
  EXPECT_EQ(problems_of(build_frame({.source = "10.9.0.1:19000",
                                     .destination = streams_[0].to(),
                                     .payload = Bytes(100, 0x80)})),
            "a frame of no stream");
  EXPECT_EQ(problems_of(build_frame({.source = streams_[0].from(),
                                     .destination = streams_[0].to(),
                                     .checksum = UdpChecksum::kNone,
                                     .payload = rtp({}, ByteView(file_).first(1316))})),
            "UDP checksum 0");
}

TEST_F(JudgeTest, ARuleThatComesAndGoesMustStampWhenItIsThereAndNotWhenItIsGone) {
  const auto churned = [](const Bytes& payload) {
    return build_frame(
        {.source = "10.9.0.1:19999", .destination = "10.9.0.2:6000", .payload = payload});
  };
  take(churned(rtp({}, churn_payload('S', 0))));
  take(churned(churn_payload('B', 1)));
  EXPECT_EQ(judge_.problems(), Problems{});
  take(churned(churn_payload('S', 2)));
  EXPECT_EQ(judge_.problems(), (Problems{{"bare, and should not have been", 1}}));
  take(churned(rtp({}, churn_payload('B', 3))));
  EXPECT_EQ(judge_.wrong(), 2U);
  EXPECT_EQ(judge_.churn_frames(), 4U);
}

TEST(FastSumTest, IsTheSumOfTheOthersForEveryLengthAndStart) {
  const Bytes bytes = random_bytes(300, 5);
  for (size_t length = 0; length < bytes.size(); length++) {
    const ByteView part = ByteView(bytes).first(length);
    for (const uint16_t start : {0, 1, 0x1234, 0xffff})
      EXPECT_EQ(fast_sum(part, start), ones_complement_sum(part, start)) << length;
  }
  const Bytes ones(1500, 0xff);
  EXPECT_EQ(fast_sum(ones), ones_complement_sum(ones));
}

}  // namespace
}  // namespace zc::test
