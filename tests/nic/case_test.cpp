// SPDX-License-Identifier: GPL-2.0-only
// The same demands on every combination of family, checksum way, offload and hook.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <set>

#include "nic/nic_fixture.h"

namespace zc::test {
namespace {

constexpr unsigned kSsrcPackets = 64;
constexpr unsigned kRandomPacketsPerCase = 170;  // eighteen cases: 3,000

class EveryCase : public NicTest, public testing::WithParamInterface<Case> {
 protected:
  const Case& c() const { return GetParam(); }

  void start(unsigned mtu, const std::vector<std::string>& more = {"--seq", "0"}) {
    make_tap({.tx_checksum = c().tx_checksum, .mtu = mtu});
    attach(c(), more);
  }

  UdpSocket open_socket(bool no_check = false) const {
    return UdpSocket(peer_of(c().family), {.from = source_of(c().family), .no_check = no_check});
  }

  bool is_partial(Way way, bool no_check) const {
    return c().tx_checksum && !is_corked(way) && !(no_check && c().family == Family::kIpv4);
  }

  // Judges what has left since the last call against the model.
  void expect_fate(ByteView payload, bool partial, bool no_check) {
    const std::string fate = fate_of(c(), tap().options().mtu, payload.size());
    expected_[fate]++;
    const std::vector<Frame> left = frames();
    if (fate != "stamped") {
      EXPECT_TRUE(left.empty()) << "not " << fate << " but sent:\n" << describe(left.front());
      return;
    }
    ASSERT_EQ(left.size(), 1u);
    expect_stamped(left.front(),
                   {.checksum = c().checksum,
                    .payload = Bytes(payload.begin(), payload.end()),
                    .source = source_of(c().family),
                    .destination = peer_of(c().family),
                    .sequence_number = next_sequence_number_++,
                    .sender_made_checksum = !(no_check && c().family == Family::kIpv4)});
    EXPECT_EQ(left.front().vnet.needs_checksum(), partial && leaves_sum_to_device(c().checksum));
  }

  void send_and_judge(UdpSocket& socket, Way way, const PayloadFile& file, size_t offset,
                      size_t count, size_t head = 1, bool no_check = false) {
    const std::vector<Card> cards = cards_for(c().checksum);
    tap().set_card(cards[sent_++ % cards.size()]);
    socket.send(way, file, offset, count, head);
    expect_fate(file.part(offset, count), is_partial(way, no_check), no_check);
  }

  Counters expected_;
  uint16_t next_sequence_number_ = 0;
  size_t sent_ = 0;
};

// kernel-facts.md 1.2: a device that completes the checksum writes into the SSRC of a packetizer
// that forgot csum_start, differently in each packet.
TEST_P(EveryCase, EveryPacketCarriesTheSsrcThatShowReports) {
  start(1500);
  UdpSocket socket = open_socket();
  std::set<uint32_t> ssrcs;
  for (unsigned i = 0; i < kSsrcPackets; i++)
    socket.send(random_bytes(1316, i));
  const std::vector<Frame> left = frames();
  EXPECT_EQ(left.size(), kSsrcPackets);
  for (const Frame& frame : left)
    ssrcs.insert(dissect_rtp(dissect_datagram(frame.wire).payload).ssrc);
  EXPECT_EQ(ssrcs, std::set<uint32_t>{kSsrc});

  const Shown now = shown();
  ASSERT_EQ(now.streams.size(), 1u);
  EXPECT_EQ(now.streams[0].ssrc, "0x11223344");
  EXPECT_EQ(now.streams[0].from, source_of(c().family));
  EXPECT_EQ(now.streams[0].packets, kSsrcPackets);
  EXPECT_EQ(now.streams[0].octets, kSsrcPackets * 1316u);
  EXPECT_EQ(now.rules.at(0).counters, (Counters{{"stamped", kSsrcPackets}}));
}

TEST_P(EveryCase, EverySizeUpToTheMtuIsStampedOrDroppedAndCounted) {
  constexpr unsigned kMtu = 1500;
  start(kMtu);
  UdpSocket socket = open_socket();
  const PayloadFile file(random_bytes(4096, 31));
  const size_t largest = largest_payload(c(), kMtu);
  std::set<size_t> sizes{0,  1,  2,  3,  11, 12,  13,  26,   27,  28,
                         29, 30, 31, 32, 33, 100, 101, 1315, 1316};
  for (const size_t edge : {largest, size_t{kMtu - 40}, size_t{kMtu - 28}, size_t{kMtu - 48}})
    sizes.insert({edge - 1, edge, edge + 1});
  sizes.insert(3001);
  for (const size_t size : sizes) {
    SCOPED_TRACE("payload of " + std::to_string(size));
    send_and_judge(socket, Way::kSend, file, 0, size);
    if (size > 0) send_and_judge(socket, Way::kSendfile, file, 1, size);
  }
  EXPECT_EQ(counters(), expected_);
}

TEST_P(EveryCase, EveryWayOfSendingIsStampedAndCorrect) {
  start(1500);
  UdpSocket socket = open_socket();
  const PayloadFile file(random_bytes(16384, 32));
  for (const Way way : kAllWays) {
    // Odd and even, across page boundaries, odd heads before the file's bytes.
    for (const auto& [offset, count, head] : {std::tuple<size_t, size_t, size_t>{0, 1316, 28},
                                              {4095, 1317, 1},
                                              {4094, 1317, 3},
                                              {3000, 1400, 13},
                                              {3001, 1401, 13},
                                              {8191, 29, 3},
                                              {4080, 27, 14}}) {
      if (!is_partial(way, false) && kernel_missums(way, offset, count, head)) continue;
      SCOPED_TRACE(std::string(to_string(way)) + " of " + std::to_string(count));
      send_and_judge(socket, way, file, offset, count, head);
    }
  }
  EXPECT_EQ(counters(), expected_);
}

TEST_P(EveryCase, ADatagramWithoutChecksumStaysWithout) {
  start(1500);
  UdpSocket socket = open_socket(true);
  const PayloadFile file(random_bytes(4096, 33));
  for (const Way way : kAllWays) {
    for (const size_t count : {size_t{1}, size_t{27}, size_t{28}, size_t{1316}}) {
      SCOPED_TRACE(std::string(to_string(way)) + " of " + std::to_string(count));
      send_and_judge(socket, way, file, 0, count, 1, true);
    }
  }
  EXPECT_EQ(counters(), expected_);
}

TEST_P(EveryCase, AnUnconnectedSocketIsStampedToo) {
  start(1500);
  UdpSocket socket(peer_of(c().family), {.from = source_of(c().family), .connected = false});
  const PayloadFile file(random_bytes(2000, 34));
  for (const Way way : {Way::kSend, Way::kMore})
    send_and_judge(socket, way, file, 7, 1001, 9);
  EXPECT_EQ(counters(), expected_);
}

uint32_t property_seed() {
  const char* const given = std::getenv("ZC_TEST_SEED");
  return given ? static_cast<uint32_t>(std::strtoul(given, nullptr, 0)) : std::random_device{}();
}

// Many small ones, many around the limits, now and then one that is cut into fragments.
size_t random_size(std::mt19937& random, size_t largest) {
  const auto up_to = [&](size_t most) { return random() % (most + 1); };
  switch (random() % 8) {
    case 0:
    case 1:
      return 1 + up_to(63);
    case 2:
      return largest - 4 + up_to(40);
    case 3:
      return random() % 8 == 0 ? largest + 40 + up_to(6000) : 1 + up_to(largest);
    default:
      return 1 + up_to(largest - 1);
  }
}

TEST_P(EveryCase, RandomPacketsMeetTheFateTheModelSays) {
  const uint32_t seed = property_seed();
  SCOPED_TRACE("run again with ZC_TEST_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const unsigned mtu = std::array{1500u, 1400u, 9000u}[random() % 3];
  start(mtu);
  UdpSocket checked = open_socket();
  const PayloadFile file(random_bytes(65536, seed));
  next_sequence_number_ = 0;

  for (unsigned i = 0; i < kRandomPacketsPerCase && !HasFailure(); i++) {
    const Way way = kAllWays[random() % kAllWays.size()];
    const size_t count = random_size(random, largest_payload(c(), mtu));
    size_t offset = random() % (file.bytes().size() - count - 1);
    const size_t head = 1 + random() % count;
    tap().set_zero_sum(random() % 2 == 0 ? ZeroSum::kAsComputed : ZeroSum::kAllOnes);
    const bool no_check = random() % 8 == 0;
    if (!is_partial(way, no_check) && kernel_missums(way, offset, count, head)) offset ^= 1;
    checked.set_option(SOL_SOCKET, SO_NO_CHECK, no_check ? 1 : 0);
    SCOPED_TRACE("packet " + std::to_string(i) + ": " + to_string(way) + " of " +
                 std::to_string(count) + " from " + std::to_string(offset) + ", head " +
                 std::to_string(head) + (no_check ? ", SO_NO_CHECK" : "") + ", MTU " +
                 std::to_string(mtu));
    send_and_judge(checked, way, file, offset, count, head, no_check);
  }
  EXPECT_EQ(counters(), expected_);
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return name_of(info.param);
}

INSTANTIATE_TEST_SUITE_P(Nic, EveryCase, testing::ValuesIn(all_cases()), case_name);
// Comes after the others: another hook means another program.
INSTANTIATE_TEST_SUITE_P(NicClsact, EveryCase, testing::ValuesIn(clsact_cases()), case_name);

}  // namespace
}  // namespace zc::test
