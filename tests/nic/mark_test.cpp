// SPDX-License-Identifier: GPL-2.0-only
// skb->mark, which the pieces of a super-packet carry on their way: the application's comes out
// again, and one that the application chose to look like ours does no harm.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <thread>

#include "nic/bystander.h"
#include "nic/segment_fixture.h"

namespace zc::test {
namespace {

using enum Family;
using enum Checksum;
using Marks = std::map<uint32_t, uint64_t>;

constexpr uint32_t kOurMark = 0x7b000000;  // docs/stage.md
constexpr unsigned kNumbersTried = 64;

class MarkTest : public SegmentTest {
 protected:
  void set_mark(UdpSocket& socket, uint32_t mark) {
    socket.set_option(SOL_SOCKET, SO_MARK, static_cast<int>(mark));
  }

  // What left is either exactly the plain datagram or a right RTP packet of the stream.
  void expect_right_or_plain(const std::string& from, const std::string& to, const Bytes& payload) {
    for (const Frame& frame : frames()) {
      const Datagram datagram = dissect_datagram(frame.wire);
      EXPECT_EQ(datagram.problems, Problems{}) << describe(frame);
      if (datagram.payload == payload) continue;
      Wanted wanted{.payload = payload, .source = from, .destination = to};
      expect_stamped(frame, wanted);
    }
  }
};

TEST_F(MarkTest, TheApplicationsMarkIsOnEveryPieceThatLeaves) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    Bystander behind("by_watch", tap().ifindex());
    if (!behind.there()) GTEST_SKIP() << "no tcx";
    for (const uint32_t mark : {0u, 1u, 0xdeadbeefu, 0xffffffffu}) {
      SCOPED_TRACE(mark);
      set_mark(socket(), mark);
      EXPECT_EQ(send_and_judge({Way::kSendfile, 9, 10 * 500 + 60, 1, 500}), 11u);
      EXPECT_EQ(behind.take_marks(), (Marks{{mark, 11}}));
    }
    remove_rules();
  }
}

TEST_F(MarkTest, PiecesOfAnApplicationThatSetsAMarkLikeOursAreStampedOnceAndKeepIt) {
  for (const Case& each : {Case{kIpv4, kUni, true}, Case{kIpv6, kUni, true},
                           Case{kIpv4, kZero, true}, Case{kIpv6, kSum, false}}) {
    SCOPED_TRACE(name_of(each));
    start(each);
    Bystander behind("by_watch", tap().ifindex());
    if (!behind.there()) GTEST_SKIP() << "no tcx";
    for (const uint32_t number : {0u, 1u, 0x1ffffu, 0x20000u, 0xffffffu}) {
      set_mark(socket(), kOurMark | number);
      EXPECT_EQ(send_and_judge({Way::kSend, 9, 3 * 500 + 60, 1, 500}), 4u);  // super-packet
      EXPECT_EQ(send_and_judge({Way::kSend, 9, 300, 1, 500}), 1u);           // datagram
      EXPECT_EQ(behind.take_marks(), (Marks{{kOurMark | number, 5}}));
    }
    expect_all_accounted();
    remove_rules();
  }
}

// Twenty bytes of options, all "end of options": as long as the room in a piece.
TEST_F(MarkTest, ADatagramOfARuleWithOptionsAndAMarkLikeOursIsDroppedForItsOptions) {
  start({kIpv4, kUni, true});
  send_and_judge({Way::kSend, 0, 100, 1, 500});  // its stream exists
  socket().set_option(IPPROTO_IP, IP_OPTIONS, Bytes(20));
  for (uint32_t number = 0; number < kNumbersTried; number++) {
    set_mark(socket(), kOurMark | number);
    socket().send(Way::kSend, file(), 0, 100);
    socket().send(Way::kMore, file(), 0, 100, 50);
  }
  EXPECT_TRUE(frames().empty());
  EXPECT_EQ(counters(), (Counters{{"stamped", 1}, {"ip_options", 2 * kNumbersTried}}));
}

TEST_F(MarkTest, ADatagramOfNoRuleWithOptionsAndAMarkLikeOursLeavesUntouched) {
  start({kIpv4, kUni, true});
  UdpSocket stranger(kStranger4, {.from = "10.9.0.1:40004"});
  const Bytes payload = random_bytes(100, 91);
  stranger.set_option(IPPROTO_IP, IP_OPTIONS, Bytes(20));
  for (uint32_t number = 0; number < kNumbersTried; number++) {
    set_mark(stranger, kOurMark | number);
    stranger.send(payload);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->wire[14], 0x4a) << "its options are gone";
    EXPECT_EQ(Bytes(frame->wire.end() - 100, frame->wire.end()), payload);
  }
  EXPECT_EQ(counters(), Counters{});
}

// PadN over 24 bytes, as the room of a piece.
TEST_F(MarkTest, AnIpv6DatagramWithOptionsAndAMarkLikeOursIsNeverMistakenForAPiece) {
  start({kIpv6, kUni, true});
  send_and_judge({Way::kSend, 0, 100, 1, 500});
  Bytes options(24);
  options[1] = 2;
  options[2] = 1;
  options[3] = 20;
  UdpSocket stranger(kStranger6, {.from = "[fd00:9::1]:40004"});
  for (UdpSocket* const each : {&stranger, &socket()})
    each->set_option(IPPROTO_IPV6, IPV6_DSTOPTS, options);
  for (uint32_t number = 0; number < kNumbersTried; number++) {
    set_mark(socket(), kOurMark | number);
    set_mark(stranger, kOurMark | number);
    socket().send(Way::kSend, file(), 0, 100);
    stranger.send(Way::kSend, file(), 0, 100);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->wire[20], 60) << "its destination options are gone";
  }
  EXPECT_EQ(counters(), (Counters{{"stamped", 1}, {"ip_options", kNumbersTried}}));
}

TEST_F(MarkTest, AMarkOfASuperPacketWhoseStreamIsGoneIsAMarkLikeAnyOther) {
  start({kIpv4, kUni, true});
  send_and_judge({Way::kSend, 0, 2000, 1, 500});
  remove_rules();
  attach(kPeer4, {"--checksum", "uni"});
  UdpSocket other(kPeer4, {.from = "10.9.0.1:40006"});
  for (uint32_t number = 0; number < kNumbersTried; number++) {
    const Bytes payload = random_bytes(200, number);
    set_mark(other, kOurMark | number);
    other.send(payload);
    expect_right_or_plain("10.9.0.1:40006", kPeer4, payload);
  }
  EXPECT_EQ(counters(), (Counters{{"stamped", kNumbersTried}}));
}

// Somebody may put a qdisc on the stage. While one super-packet waits there, the next one passes.
TEST_F(MarkTest, SuperPacketsThatWaitOnTheStageKeepTheirOwnMarkAndTimestamp) {
  constexpr size_t kPieces = 16;
  constexpr std::chrono::milliseconds kApart{3};
  for (const Family family : {kIpv4, kIpv6}) {
    SCOPED_TRACE(source_of(family));
    start({family, kUni, true});
    Bystander behind("by_watch", tap().ifindex());
    if (!behind.there()) GTEST_SKIP() << "no tcx";
    const std::string stage = "zcstage" + std::to_string(tap().ifindex());
    // A millisecond a piece.
    ASSERT_EQ(run({"tc", "qdisc", "add", "dev", stage, "root", "tbf", "rate", "8mbit", "burst",
                   "2000", "limit", "1000000"})
                  .exit_code,
              0);
    set_segment(socket(), 1000);
    for (const uint32_t mark : {1u, 2u, 3u}) {
      set_mark(socket(), mark);
      socket().send(Way::kSend, file(), 0, kPieces * 1000);
      std::this_thread::sleep_for(kApart);
    }
    std::map<uint32_t, size_t> timestamps;
    for (size_t i = 0; i < 3 * kPieces; i++) {
      const auto frame = tap().read(std::chrono::seconds(2));
      ASSERT_TRUE(frame) << "only " << i << ": " << testing::PrintToString(counters());
      const ByteView part = file().part(i % kPieces * 1000, 1000);
      const RtpPacket rtp = expect_stamped(*frame, {.checksum = kUni,
                                                    .payload = Bytes(part.begin(), part.end()),
                                                    .source = source_of(family),
                                                    .destination = peer_of(family)});
      timestamps[rtp.timestamp]++;
    }
    EXPECT_EQ(behind.take_marks(), (Marks{{1, kPieces}, {2, kPieces}, {3, kPieces}}));
    EXPECT_EQ(timestamps.size(), 3u);
    for (const auto& [timestamp, pieces] : timestamps)
      EXPECT_EQ(pieces, kPieces) << timestamp;
    EXPECT_EQ(counters(), (Counters{{"stamped", 3 * kPieces}, {"super", 3}}));
    run({"tc", "qdisc", "del", "dev", stage, "root"});
    remove_rules();
  }
}

TEST_F(MarkTest, SuperPacketsWithATagBesideTheFrameAreStampedBehindTheTag) {
  for (const Case& each : all_cases()) {
    SCOPED_TRACE(name_of(each));
    start(each);
    Bystander before("by_tag", tap().ifindex());
    if (!before.there()) GTEST_SKIP() << "no tcx";
    set_segment(socket(), 400);
    const ByteView payload = file().part(0, 2050);
    socket().send(payload);
    if (!each.tx_checksum) {  // the kernel loses them where it has to put the tag in
      EXPECT_TRUE(frames().empty());
      EXPECT_EQ(counters(), (Counters{{"checksum", 1}}));
      remove_rules();
      continue;
    }
    for (size_t done = 0; done < payload.size(); done += 400) {
      const auto frame = tap().read(std::chrono::seconds(2));
      ASSERT_TRUE(frame) << testing::PrintToString(counters());
      const ByteView part = payload.subspan(done, std::min<size_t>(400, payload.size() - done));
      expect_stamped(*frame, {.checksum = each.checksum,
                              .payload = Bytes(part.begin(), part.end()),
                              .source = source_of(each.family),
                              .destination = peer_of(each.family),
                              .sequence_number = static_cast<uint16_t>(done / 400),
                              .vlan_tags = {0x2064}});
    }
    EXPECT_EQ(counters(), (Counters{{"stamped", 6}, {"super", 1}}));
    remove_rules();
  }
}

}  // namespace
}  // namespace zc::test
