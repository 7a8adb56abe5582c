// SPDX-License-Identifier: GPL-2.0-only
// RTP's state over many packets: sequence, timestamps, SSRCs, and headers that stay the sender's.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <set>
#include <thread>

#include "nic/nic_fixture.h"

namespace zc::test {
namespace {

using Clock = std::chrono::steady_clock;

class StreamTest : public NicTest {
 protected:
  // Sends one datagram and returns its RTP header.
  std::optional<RtpPacket> rtp_of(UdpSocket& socket, const Wanted& wanted) {
    socket.send(wanted.payload);
    const auto frame = only_frame();
    if (!frame) return {};
    return expect_stamped(*frame, wanted);
  }
};

TEST_F(StreamTest, TheSequenceNumberGrowsByOneAndWrapsTo0) {
  make_tap();
  attach({.checksum = Checksum::kUni}, {"--seq", "65535"});
  UdpSocket socket(kPeer4, {.from = kSource4});
  const Bytes payload = random_bytes(1316, 71);
  for (const uint16_t expected : {65535, 0, 1, 2})
    ASSERT_TRUE(rtp_of(socket, {.payload = payload, .sequence_number = expected}));
  EXPECT_EQ(shown().streams.at(0).packets, 4u);
}

TEST_F(StreamTest, ASequenceNumberAbove65535IsRefused) {
  make_tap();
  for (const char* const number : {"65536", "70000"}) {
    const ProcessResult result = try_attach(kPeer4, {"--payload", "MP2T", "--seq", number});
    EXPECT_EQ(result.exit_code, kExitUsage) << describe(result);
  }
}

TEST_F(StreamTest, TheFirstTimestampIsTheOneGiven) {
  make_tap();
  attach({.checksum = Checksum::kUni}, {"--ts", "4294967295"});
  UdpSocket socket(kPeer4, {.from = kSource4});
  const auto rtp = rtp_of(socket, {.payload = random_bytes(10, 72)});
  ASSERT_TRUE(rtp);
  EXPECT_EQ(rtp->timestamp, 0xffffffffu);
}

// RFC 3551: MP2T counts at 90 kHz. Between two packets the clock advanced by what was measured
// around them; nothing is assumed of how long the machine took.
TEST_F(StreamTest, TimestampsFollowTheWallClockAtTheClockRateOfThePayload) {
  struct Rate {
    std::vector<std::string> options;
    uint8_t payload_type;
    double hz;
  };
  for (const Rate& rate :
       {Rate{{"--payload", "MP2T"}, 33, 90'000}, Rate{{"--payload", "PCMU"}, 0, 8'000},
        Rate{{"--pt", "96", "--clock", "48000"}, 96, 48'000}}) {
    make_tap();
    std::vector<std::string> options = rate.options;
    options.insert(options.end(), {"--timestamp", "wall"});
    ASSERT_EQ(try_attach(kPeer4, options).exit_code, kExitDone);
    UdpSocket socket(kPeer4, {.from = kSource4});
    const Wanted wanted{
        .payload = random_bytes(160, 73), .payload_type = rate.payload_type, .ssrc = {}};
    const auto before_first = Clock::now();
    const auto first = rtp_of(socket, wanted);
    const auto after_first = Clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    const auto before_second = Clock::now();
    const auto second = rtp_of(socket, wanted);
    const auto after_second = Clock::now();
    ASSERT_TRUE(first && second);

    const auto ticks = [&](Clock::duration d) {
      return std::chrono::duration<double>(d).count() * rate.hz;
    };
    const double advanced = second->timestamp - first->timestamp;
    EXPECT_GE(advanced, ticks(before_second - after_first) - 2);
    EXPECT_LE(advanced, ticks(after_second - before_first) + 2);
    remove_rules();
  }
}

TEST_F(StreamTest, TwoSourcePortsOfOneRuleAreTwoStreams) {
  make_tap();
  const ProcessResult result = try_attach(kPeer4, {"--payload", "MP2T", "--checksum", "uni"});
  ASSERT_EQ(result.exit_code, kExitDone) << describe(result);
  UdpSocket one(kPeer4, {.from = "10.9.0.1:40000"});
  UdpSocket two(kPeer4, {.from = "10.9.0.1:40002"});
  const Wanted wanted_one{.payload = random_bytes(200, 74), .ssrc = {}};
  Wanted wanted_two = wanted_one;
  wanted_two.source = "10.9.0.1:40002";

  const auto a = rtp_of(one, wanted_one);
  const auto b = rtp_of(two, wanted_two);
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->ssrc, b->ssrc);
  Wanted again = wanted_one;
  again.ssrc = a->ssrc;
  again.sequence_number = static_cast<uint16_t>(a->sequence_number + 1);
  rtp_of(one, again);

  const Shown now = shown();
  ASSERT_EQ(now.streams.size(), 2u);
  std::set<std::string> sources;
  for (const ShownStream& stream : now.streams)
    sources.insert(stream.from);
  EXPECT_EQ(sources, (std::set<std::string>{"10.9.0.1:40000", "10.9.0.1:40002"}));
  EXPECT_EQ(now.rules.at(0).counters, (Counters{{"stamped", 3}}));
}

// RFC 3550 5.1: random first values; below 2^15, so that an early loss does not look like a wrap.
TEST_F(StreamTest, FirstValuesAreRandomAndTheSequenceStartsInTheLowerHalf) {
  make_tap();
  ASSERT_EQ(try_attach(kPeer4, {"--payload", "MP2T", "--checksum", "uni"}).exit_code, kExitDone);
  std::set<uint32_t> ssrcs;
  std::set<uint16_t> sequence_numbers;
  std::set<uint32_t> timestamps;
  for (int port = 41000; port < 41032; port++) {
    const std::string source = "10.9.0.1:" + std::to_string(port);
    UdpSocket socket(kPeer4, {.from = source});
    const auto rtp =
        rtp_of(socket, {.payload = random_bytes(50, 75), .source = source, .ssrc = {}});
    ASSERT_TRUE(rtp);
    EXPECT_LT(rtp->sequence_number, 0x8000);
    ssrcs.insert(rtp->ssrc);
    sequence_numbers.insert(rtp->sequence_number);
    timestamps.insert(rtp->timestamp);
  }
  EXPECT_GE(ssrcs.size(), 31u);  // of 32: a chance of 1 in 10^8 for one collision
  EXPECT_GE(sequence_numbers.size(), 28u);
  EXPECT_GE(timestamps.size(), 31u);
}

TEST_F(StreamTest, ARestartedSenderWithTheSamePortGoesOnWithoutAGap) {
  make_tap();
  attach({.checksum = Checksum::kUni}, {"--seq", "10"});
  for (const uint16_t expected : {10, 11, 12}) {
    UdpSocket socket(kPeer4, {.from = kSource4});
    rtp_of(socket, {.payload = random_bytes(50, 76), .sequence_number = expected});
  }
}

TEST_F(StreamTest, TwoThreadsOnOneSocketNeverShareASequenceNumber) {
  constexpr unsigned kEach = 300;
  make_tap({.queues = 2});
  attach({.checksum = Checksum::kUni}, {"--seq", "0"});
  const Bytes payload = random_bytes(100, 77);
  UdpSocket shared(kPeer4, {.from = kSource4});
  const auto use_shared = [&] {
    for (unsigned i = 0; i < kEach; i++)
      shared.send(payload);
  };
  std::thread other(use_shared);
  use_shared();
  other.join();

  std::set<uint16_t> seen;
  for (unsigned i = 0; i < 2 * kEach; i++) {
    const auto frame = tap().read(std::chrono::seconds(2));
    ASSERT_TRUE(frame) << "after " << i;
    seen.insert(expect_stamped(*frame, {.payload = payload}).sequence_number);
  }
  EXPECT_EQ(seen.size(), 2 * kEach);
  EXPECT_EQ(*seen.rbegin(), 2 * kEach - 1);
}

TEST_F(StreamTest, MulticastIsStampedAndKeepsItsAddresses) {
  struct Group {
    const char* to;
    const char* from;
    const char* mac;  // RFC 1112 6.4, RFC 2464 7
  };
  for (const Group& group : {Group{"239.1.2.3:5004", kSource4, "01:00:5e:01:02:03"},
                             Group{"[ff15::1:3]:5004", kSource6, "33:33:00:01:00:03"}}) {
    make_tap();
    attach(group.to, {"--checksum", "uni"});
    UdpSocket socket(group.to, {.from = group.from, .device = "tap0"});
    const Bytes payload = random_bytes(1316, 78);
    socket.send(payload);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    expect_stamped(*frame, {.payload = payload, .source = group.from, .destination = group.to});
    EXPECT_EQ(dissect_datagram(frame->wire).destination_mac, group.mac);
    remove_rules();
  }
}

TEST_F(StreamTest, TtlAndDscpOfTheSenderStay) {
  make_tap();
  attach({.checksum = Checksum::kUni});
  UdpSocket socket(kPeer4, {.from = kSource4});
  socket.set_option(IPPROTO_IP, IP_TTL, 7);
  socket.set_option(IPPROTO_IP, IP_TOS, 0xb8);  // EF
  const Bytes payload = random_bytes(160, 79);
  socket.send(payload);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  expect_stamped(*frame, {.payload = payload});
  const Datagram datagram = dissect_datagram(frame->wire);
  EXPECT_EQ(datagram.hop_limit, 7);
  EXPECT_EQ(datagram.traffic_class, 0xb8);
}

}  // namespace
}  // namespace zc::test
