// SPDX-License-Identifier: GPL-2.0-only
// Segments at the limits: shortest and longest ones, and devices that change while they flow.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "nic/segment_fixture.h"

namespace zc::test {
namespace {

using SegmentEdgeTest = SegmentTest;
using enum Family;
using enum Checksum;

size_t largest_segment(const Case& c, unsigned mtu) {
  return mtu - ip_header_bytes(c.family) - 8 - inserted_bytes(c.checksum);
}

// kernel-facts.md 1.2: the device's sum in the SSRC, another one in each packet.
TEST_F(SegmentEdgeTest, EverySegmentCarriesTheSsrcThatShowReports) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    set_segment(socket(), 1316);
    socket().send(Way::kSendfile, file(), 0, 40 * 1316);
    std::set<uint32_t> ssrcs;
    const std::vector<Frame> left = frames();
    EXPECT_EQ(left.size(), 40u);
    for (const Frame& frame : left)
      ssrcs.insert(dissect_rtp(dissect_datagram(frame.wire).payload).ssrc);
    EXPECT_EQ(ssrcs, std::set<uint32_t>{kSsrc});
    remove_rules();
  }
}

TEST_F(SegmentEdgeTest, SegmentsOfOneByteAndLastPiecesOfOneByteLeave) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    for (const size_t segment : {1, 2, 3, 7, 63})
      for (const size_t pieces : {1, 2, 3, 20, 64})
        send_and_judge({Way::kSend, 11, segment * pieces, 1, segment});
    for (const size_t segment : {64, 188, 1316})
      send_and_judge({Way::kSendfile, 12, segment * 5 + 1, 1, segment});
    expect_all_accounted();
    remove_rules();
  }
}

TEST_F(SegmentEdgeTest, SuperPacketsOfEveryLengthAroundWhatTheStageCutsByNumberAreStamped) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    for (size_t count = 280; count <= 460 && !HasFailure(); count++)
      send_and_judge({Way::kSend, count, count, 1, 99});
    expect_all_accounted();
    remove_rules();
  }
}

// The kernel takes nothing out of a packet that would leave less than an IP header: 28 bytes of
// payload over IPv4, 48 over IPv6. What is shorter is padded meanwhile.
TEST_F(SegmentEdgeTest, LastPiecesOfEveryLengthAroundWhatATrimNeedsLeave) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    for (size_t last = 1; last <= 60 && !HasFailure(); last++)
      send_and_judge({Way::kSendfile, last, 5 * 200 + last, 1, 200});
    expect_all_accounted();
    remove_rules();
  }
}

TEST_F(SegmentEdgeTest, AsManyPiecesAsTheKernelTakesLeave) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    EXPECT_EQ(send_and_judge({Way::kSendfile, 0, most_pieces() * 65, 1, 65}), most_pieces());
    expect_all_accounted();
    remove_rules();
  }
}

TEST_F(SegmentEdgeTest, TheLargestSegmentFillsTheMtuAndOneByteMoreIsOversizeOnceACall) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    const size_t largest = largest_segment(each, 1500);
    EXPECT_EQ(send_and_judge({Way::kSend, 3, largest * 4 + 77, 1, largest}), 5u);
    EXPECT_EQ(send_and_judge({Way::kSend, 3, largest * 4 + 77, 1, largest + 1}), 0u);
    expect_all_accounted();
    remove_rules();
  }
}

TEST_F(SegmentEdgeTest, TheMtuOfNowDecidesAlsoWhereItGrewSinceTheStageWasMade) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    for (const unsigned mtu : {1500u, 1300u, 1500u, 9000u, 1280u, 4000u}) {
      SCOPED_TRACE(mtu);
      tap().set_mtu(mtu);
      const size_t largest = largest_segment(each, mtu);
      EXPECT_GE(send_and_judge({Way::kSendfile, 4, largest * 6 + 50, 1, largest}), 6u);
      send_and_judge({Way::kSendfile, 4, largest * 3, 1, largest + 1});
    }
    expect_all_accounted();
    tap().set_mtu(1500);
    remove_rules();
  }
}

// RFC 3551: MP2T counts at 90 kHz. What is measured around the calls bounds what lies between them.
TEST_F(SegmentEdgeTest, TimestampsFollowTheWallClock) {
  using Clock = std::chrono::steady_clock;
  const auto ticks = [](Clock::duration d) {
    return std::chrono::duration<double>(d).count() * 9e4;
  };
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    set_segment(socket(), 1000);
    std::array<uint32_t, 2> seen{};
    std::array<Clock::time_point, 2> before, after;
    for (const size_t i : {0, 1}) {
      before[i] = Clock::now();
      socket().send(file().part(0, 3000));
      after[i] = Clock::now();
      const std::vector<Frame> left = frames();
      ASSERT_EQ(left.size(), 3u);
      seen[i] = dissect_rtp(dissect_datagram(left[0].wire).payload).timestamp;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_GE(seen[1] - seen[0], ticks(before[1] - after[0]) - 2);
    EXPECT_LE(seen[1] - seen[0], ticks(after[1] - before[0]) + 2);
    remove_rules();
  }
}

// Each stream in a thread of its own; the queue that a packet takes follows from its ports.
TEST_F(SegmentEdgeTest, StreamsThatAreSentAtOnceOverSeveralQueuesStayGaplessAndInOrder) {
  constexpr size_t kStreams = 4, kCalls = 12, kPieces = 20, kSegment = 500;
  start({kIpv4, kUni, true}, {.queues = 3});
  const auto source = [](size_t i) { return "10.9.0.1:" + std::to_string(42000 + i); };
  std::vector<std::thread> senders;
  for (size_t i = 0; i < kStreams; i++) {
    senders.emplace_back([&, i] {
      UdpSocket each(kPeer4, {.from = source(i)});
      set_segment(each, kSegment);
      for (size_t call = 0; call < kCalls; call++)
        each.send(file().part(i, kPieces * kSegment));
    });
  }
  for (std::thread& sender : senders)
    sender.join();
  std::map<std::string, size_t> next;
  for (size_t n = 0; n < kStreams * kCalls * kPieces && !HasFailure(); n++) {
    const auto frame = tap().read(std::chrono::seconds(2));
    ASSERT_TRUE(frame) << "after " << n;
    const std::string from = dissect_datagram(frame->wire).source;
    const auto stream = static_cast<size_t>(port_of(from) - 42000);
    const size_t piece = next[from]++;
    const ByteView payload = file().part(stream + piece % kPieces * kSegment, kSegment);
    expect_stamped(*frame, {.payload = Bytes(payload.begin(), payload.end()),
                            .source = from,
                            .sequence_number = static_cast<uint16_t>(piece)});
  }
  EXPECT_EQ(next.size(), kStreams);
}

// nft's egress hook comes before ours. Until 0.3.0 the pieces had their room dressed as options
// there.
TEST_F(SegmentEdgeTest, AFilterAtTheDevicesEgressThatDropsOptionsDropsNoPiece) {
  constexpr const char* kFilter =
      "table netdev zc_test {\n chain out { type filter hook egress device tap0 priority 0;\n"
      "  ip hdrlength > 5 drop\n  ip6 nexthdr 60 drop\n }\n}\n";
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    if (run({"nft", "-f", "-"}, {.input = kFilter}).exit_code != 0)
      GTEST_SKIP() << "no nft, or a kernel without its egress hook";
    send_and_judge({Way::kSendfile, 0, 20 * 1000, 1, 1000});
    expect_all_accounted();
    run({"nft", "delete", "table", "netdev", "zc_test"});
    remove_rules();
  }
}

class FlippedTest : public SegmentTest {
 protected:
  static constexpr size_t kCalls = 60, kPieces = 20, kSegment = 701;

  // Sends in a thread of its own while `flip` changes the device; every piece is judged.
  template <typename Flip>
  void send_while(Family family, Flip flip) {
    set_segment(socket(), kSegment);
    std::thread sender([&] {
      for (size_t i = 0; i < kCalls; i++)
        socket().send(file().part(i, kPieces * kSegment));
    });
    for (unsigned i = 0; i < 200; i++)
      flip(i % 2 == 0);
    sender.join();
    judge_all(family);
  }

 private:
  void judge_all(Family family) {
    for (size_t i = 0; i < kCalls * kPieces && !HasFailure(); i++) {
      const auto frame = tap().read(std::chrono::seconds(2));
      ASSERT_TRUE(frame) << "after " << i;
      const ByteView payload = file().part(i / kPieces + i % kPieces * kSegment, kSegment);
      expect_stamped(*frame, {.payload = Bytes(payload.begin(), payload.end()),
                              .source = source_of(family),
                              .destination = peer_of(family),
                              .sequence_number = static_cast<uint16_t>(i)});
    }
    EXPECT_EQ(counters(), (Counters{{"stamped", kCalls * kPieces}, {"super", kCalls}}));
  }
};

TEST_F(FlippedTest, EverySegmentIsRightWhileTheChecksumOffloadFlips) {
  for (const Family family : {kIpv4, kIpv6}) {
    start({family, kUni, true});
    send_while(family, [&](bool on) { tap().set_tx_checksum(on); });
    remove_rules();
  }
}

TEST_F(FlippedTest, EverySegmentIsCutAndStampedBySoftwareWhileUdpSegmentationFlips) {
  for (const Family family : {kIpv4, kIpv6}) {
    start({family, kUni, true});
    if (!tap().set_udp_segmentation(true)) GTEST_SKIP() << "this kernel's TAP does not segment UDP";
    send_while(family, [&](bool on) { tap().set_udp_segmentation(on); });
    tap().set_udp_segmentation(false);
    remove_rules();
  }
}

TEST_F(FlippedTest, EverySegmentIsRightWhileTheMtuGrowsAndShrinks) {
  for (const Family family : {kIpv4, kIpv6}) {
    start({family, kUni, true});
    send_while(family, [&](bool on) { tap().set_mtu(on ? 9000 : 1500); });
    tap().set_mtu(1500);
    remove_rules();
  }
}

}  // namespace
}  // namespace zc::test
