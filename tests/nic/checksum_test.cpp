// SPDX-License-Identifier: GPL-2.0-only
// The corners of one's complement: sums that come to 0 and to 0xffff; and offloads that change
// under a living rule.
#include <gtest/gtest.h>

#include "nic/nic_fixture.h"
#include "support/frame.h"

namespace zc::test {
namespace {

std::string hex(uint32_t value) {
  std::array<char, 11> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", value);
  return text.data();
}

class ChecksumTest : public NicTest {
 protected:
  // The first packet of a fresh rule with everything given: the same one each time.
  std::optional<Frame> first_packet(const Case& c, uint32_t ssrc, const Bytes& payload) {
    const ProcessResult result =
        try_attach(peer_of(c.family), {"--payload", "MP2T", "--checksum", to_string(c.checksum),
                                       "--ssrc", hex(ssrc), "--seq", "7", "--ts", "1234567"});
    EXPECT_EQ(result.exit_code, kExitDone) << describe(result);
    UdpSocket(peer_of(c.family), {.from = source_of(c.family)}).send(payload);
    std::optional<Frame> frame = only_frame();
    remove_rules();
    return frame;
  }

  Wanted wanted(const Case& c, uint32_t ssrc, const Bytes& payload) const {
    return {.checksum = c.checksum,
            .payload = payload,
            .source = source_of(c.family),
            .destination = peer_of(c.family),
            .ssrc = ssrc,
            .sequence_number = 7};
  }
};

// RFC 768: "If the computed checksum is zero, it is transmitted as all ones". The SSRC is chosen
// so that it is: adding the checksum itself to a word that is summed makes the sum 0xffff.
TEST_F(ChecksumTest, AUdpChecksumThatComesToZeroIsSentAsAllOnes) {
  const Bytes payload = random_bytes(777, 41);
  for (const Case& c : all_cases()) {
    // With offload the field of `uni` is another sum: see below.
    if (c.checksum == Checksum::kZero || (c.checksum == Checksum::kUni && c.tx_checksum)) continue;
    SCOPED_TRACE(name_of(c));
    make_tap({.tx_checksum = c.tx_checksum});
    const auto first = first_packet(c, kSsrc, payload);
    ASSERT_TRUE(first);
    expect_stamped(*first, wanted(c, kSsrc, payload));
    const uint16_t checksum = dissect_datagram(first->wire).udp_checksum;
    const uint32_t ssrc =
        (kSsrc & 0xffff0000) | ones_complement_add(static_cast<uint16_t>(kSsrc), checksum);

    const auto second = first_packet(c, ssrc, payload);
    ASSERT_TRUE(second);
    expect_stamped(*second, wanted(c, ssrc, payload));
    EXPECT_EQ(dissect_datagram(second->wire).udp_checksum, 0xffff) << describe(*second);
  }
}

// The device's own sum may be 0 as well, and devices differ in what they then store.
TEST_F(ChecksumTest, AFillerOfZeroIsAsGoodAsOneOfAllOnes) {
  make_tap();
  attach({.checksum = Checksum::kLco});
  Bytes payload = random_bytes(500, 42);
  const auto filler_of = [](const Frame& frame) {
    return get_be16(dissect_rtp(dissect_datagram(frame.wire).payload).extension->data, 2);
  };
  UdpSocket socket(kPeer4, {.from = kSource4});
  socket.send(payload);
  const auto first = only_frame();
  ASSERT_TRUE(first);
  expect_stamped(*first, {.checksum = Checksum::kLco, .payload = payload});
  put_be16(payload, 498, ones_complement_add(get_be16(payload, 498), filler_of(*first)));

  for (const ZeroSum zero_sum : {ZeroSum::kAsComputed, ZeroSum::kAllOnes}) {
    tap().set_zero_sum(zero_sum);
    socket.send(payload);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    expect_stamped(*frame, {.checksum = Checksum::kLco, .payload = payload});
    EXPECT_EQ(filler_of(*frame), zero_sum == ZeroSum::kAllOnes ? 0xffff : 0);
  }
}

// The kernel's own checksum may be 0xffff, which is -0 for whoever updates it (RFC 1624).
TEST_F(ChecksumTest, AChecksumOfAllOnesIsUpdatedRightly) {
  make_tap({.tx_checksum = false});
  Bytes payload = random_bytes(300, 43);
  UdpSocket socket(kPeer4, {.from = kSource4});
  socket.send(payload);
  const auto plain = only_frame();
  ASSERT_TRUE(plain);
  const uint16_t checksum = dissect_datagram(plain->wire).udp_checksum;
  put_be16(payload, 298, ones_complement_add(get_be16(payload, 298), checksum));
  socket.send(payload);
  const auto all_ones = only_frame();
  ASSERT_TRUE(all_ones);
  ASSERT_EQ(dissect_datagram(all_ones->wire).udp_checksum, 0xffff);

  for (const Checksum way : {Checksum::kSum, Checksum::kLco, Checksum::kUni, Checksum::kZero}) {
    SCOPED_TRACE(to_string(way));
    attach({.checksum = way, .tx_checksum = false});
    socket.send(payload);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    expect_stamped(*frame, {.checksum = way, .payload = payload});
    remove_rules();
  }
}

TEST_F(ChecksumTest, AnLcoRuleStaysRightWhenTheOffloadIsSwitchedOffAndOn) {
  make_tap({.tx_checksum = true});
  attach({.checksum = Checksum::kLco});
  UdpSocket socket(kPeer4, {.from = kSource4});
  for (const bool offload : {true, false, true}) {
    tap().set_tx_checksum(offload);
    const Bytes payload = random_bytes(601, offload ? 44 : 45);
    socket.send(payload);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    expect_stamped(*frame, {.checksum = Checksum::kLco, .payload = payload});
    EXPECT_EQ(frame->vnet.needs_checksum(), offload);
  }
}

TEST_F(ChecksumTest, ASumRuleSumsThePayloadItselfWhenTheOffloadIsSwitchedOn) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    make_tap({.tx_checksum = false});
    attach({.family = family, .checksum = Checksum::kSum, .tx_checksum = false});
    tap().set_tx_checksum(true);
    UdpSocket socket(peer_of(family), {.from = source_of(family)});
    for (const size_t bytes : {48U, 255U, 256U, 257U, 601U, 1024U, 1432U}) {
      const Bytes payload = random_bytes(bytes, 46);
      socket.send(payload);
      const auto frame = only_frame();
      ASSERT_TRUE(frame);
      EXPECT_FALSE(frame->vnet.needs_checksum());
      expect_stamped(*frame, {.checksum = Checksum::kSum,
                              .payload = payload,
                              .source = source_of(family),
                              .destination = peer_of(family)});
    }
    remove_rules();
  }
}

// kernel_missums: RFC 1624 carries the kernel's own error on; a datagram without checksum has none.
TEST_F(ChecksumTest, ZeroPutsRightWhatTheKernelSummedWrongly) {
  make_tap({.tx_checksum = false});
  attach({.checksum = Checksum::kZero, .tx_checksum = false});
  const PayloadFile file(random_bytes(8192, 48));
  ASSERT_TRUE(kernel_missums(Way::kSendfile, 4095, 1001));
  UdpSocket(kPeer4, {.from = kSource4}).send(Way::kSendfile, file, 4095, 1001);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  const ByteView payload = file.part(4095, 1001);
  expect_stamped(*frame,
                 {.checksum = Checksum::kZero, .payload = Bytes(payload.begin(), payload.end())});
}

// The judges can fail: what a seeded parser makes of lco is the fault that `uni` mends.
TEST_F(ChecksumTest, ASeededParserMakesAWrongChecksumOfLcoAndARightOneOfUni) {
  make_tap();
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    for (const Checksum way : {Checksum::kLco, Checksum::kUni}) {
      attach({.family = family, .checksum = way});
      tap().set_card(Card::kParsesSeeded);
      UdpSocket(peer_of(family), {.from = source_of(family)}).send(random_bytes(1316, 49));
      const auto frame = only_frame();
      ASSERT_TRUE(frame);
      EXPECT_EQ(dissect_datagram(frame->wire).problems.empty(), way == Checksum::kUni);
      tap().set_card(Card::kFollows);
      remove_rules();
    }
  }
}

// docs/checksums.md: the pseudo-header's sum may be 0, and stands as 0xffff then.
TEST_F(ChecksumTest, UniIsRightWhereThePseudoHeaderSumsToZeroAndWhereTheBalanceDoes) {
  make_tap();
  attach({.checksum = Checksum::kUni});
  UdpSocket socket(kPeer4, {.from = kSource4});
  // 10.9.0.1, 10.9.0.2, protocol 17, and the length with 36 bytes of headers: all but one length
  // give another sum, so every payload of one parity meets many of them.
  for (size_t bytes = 0; bytes <= 1444; bytes++) {
    const Bytes payload = random_bytes(bytes, 50);
    tap().set_card(cards_for(Checksum::kUni)[bytes % 3]);
    socket.send(payload);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    expect_stamped(*frame, {.checksum = Checksum::kUni, .payload = payload});
  }
}

}  // namespace
}  // namespace zc::test
