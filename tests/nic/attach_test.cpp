// SPDX-License-Identifier: GPL-2.0-only
// What `attach` takes and refuses by the device's checksum offload, and what `auto` chooses.
#include <gtest/gtest.h>

#include "nic/nic_fixture.h"

namespace zc::test {
namespace {

using AttachTest = NicTest;

// Refused for what the device or the family is; a hint; nothing left behind.
class RefusedAttachTest : public NicTest {
 protected:
  void expect_refused(const std::string& to, const std::string& checksum,
                      const std::string& payload = "MP2T") {
    const ProcessResult result = try_attach(to, {"--payload", payload, "--checksum", checksum});
    EXPECT_EQ(result.exit_code, kExitUnsupported) << describe(result);
    EXPECT_NE(result.err.find("\nhint: "), std::string::npos) << describe(result);
    EXPECT_TRUE(shown().rules.empty());
  }
};

TEST_F(RefusedAttachTest, ZeroIsRefusedForIpv6) {
  make_fresh_tap({.tx_checksum = true});
  expect_refused(kPeer6, "zero");
  make_fresh_tap({.tx_checksum = false});
  expect_refused(kPeer6, "zero");
  expect_untouched_datagram(kSource6, kPeer6);
}

TEST_F(AttachTest, SumWorksWithoutOffload) {
  make_tap({.tx_checksum = true});
  tap().set_tx_checksum(false);
  attach({.checksum = Checksum::kSum, .tx_checksum = false});
  const Bytes payload = random_bytes(100, 21);
  UdpSocket(kPeer4, {.from = kSource4}).send(payload);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  expect_stamped(*frame, {.checksum = Checksum::kSum, .payload = payload});
}

TEST_F(AttachTest, AutoTakesUniOnATapWithOffloadAndSumWithout) {
  for (const bool offload : {true, false}) {
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      make_tap({.tx_checksum = offload});
      attach(peer_of(family), {"--checksum", "auto"});
      const Checksum expected = offload ? Checksum::kUni : Checksum::kSum;
      EXPECT_EQ(shown().rules.at(0).checksum, to_string(expected));

      const Bytes payload = random_bytes(99, 22);
      UdpSocket(peer_of(family), {.from = source_of(family)}).send(payload);
      const auto frame = only_frame();
      ASSERT_TRUE(frame);
      expect_stamped(*frame, {.checksum = expected,
                              .payload = payload,
                              .source = source_of(family),
                              .destination = peer_of(family)});
      remove_rules();
    }
  }
}

TEST_F(AttachTest, PayloadTypeAndClockMayBeGivenAsNumbers) {
  make_tap();
  const ProcessResult result =
      try_attach(kPeer4, {"--pt", "96", "--clock", "48000", "--checksum", "uni"});
  ASSERT_EQ(result.exit_code, kExitDone) << describe(result);
  const Bytes payload = random_bytes(480, 23);
  UdpSocket(kPeer4, {.from = kSource4}).send(payload);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  expect_stamped(*frame, {.payload = payload, .payload_type = 96, .ssrc = {}});
}

// RFC 2250 3.5: four bytes behind the RTP header, 0 for whole frames of audio.
TEST_F(AttachTest, MpaGetsItsPayloadHeader) {
  for (const Case& c : {Case{.checksum = Checksum::kZero, .tx_checksum = true},
                        Case{.checksum = Checksum::kSum, .tx_checksum = true},
                        Case{.checksum = Checksum::kSum, .tx_checksum = false}}) {
    SCOPED_TRACE(name_of(c));
    make_tap({.tx_checksum = c.tx_checksum});
    attach(c, {"--payload", "MPA"});
    const Bytes audio = random_bytes(417, 24);
    UdpSocket(kPeer4, {.from = kSource4}).send(audio);
    Bytes payload(4);
    append(payload, audio);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    expect_stamped(*frame, {.checksum = c.checksum, .payload = payload, .payload_type = 14});
    remove_rules();
  }
}

// The filler would not stand where the device stores its sum.
TEST_F(RefusedAttachTest, LcoAndUniAreRefusedForAPayloadWithAHeaderOfItsOwn) {
  make_fresh_tap();
  expect_refused(kPeer4, "lco", "MPA");
  expect_refused(kPeer6, "uni", "MPA");
}

TEST_F(AttachTest, FullIsAnOlderNameOfSum) {
  make_tap();
  attach(kPeer4, {"--checksum", "full"});
  EXPECT_EQ(shown().rules.at(0).checksum, "sum");
}

}  // namespace
}  // namespace zc::test
