// SPDX-License-Identifier: GPL-2.0-only
// The judge is judged first: it takes what another stack made, and sees each way to be wrong. No
// rule and no zcctl here.
#include <gtest/gtest.h>

#include <set>

#include "nic/nic_fixture.h"
#include "support/bytes.h"
#include "support/frame.h"
#include "support/packet.h"
#include "support/process.h"
#include "support/rtp_extension.h"
#include "support/tap.h"

namespace zc::test {
namespace {

// Made by a Python script of another hand-written arithmetic; tshark 4.0 calls both checksums good.
// The payload has an odd length.
constexpr const char* kForeignIpv4 =
    "0200 0000 0902 0200 0000 0901 0800"
    "452e 002b 1234 4000 3d11 3f24 c000 0201 c633 6407"
    "1234 138c 0017 aae8"
    "61 6263 6465 6667 6869 6a6b 6c6d 6e6f";
constexpr const char* kForeignIpv6 =
    "0200 0000 0902 0200 0000 0901 86dd"
    "62e1 2345 0017 113d"
    "2001 0db8 0000 0000 0000 0000 0000 0001"
    "2001 0db8 0000 0000 0000 0000 0000 0007"
    "1234 138c 0017 3bab"
    "61 6263 6465 6667 6869 6a6b 6c6d 6e6f";

bool has_problem(ByteView frame, const char* text, const Allowances& allowances = {}) {
  for (const std::string& problem : dissect_datagram(frame, allowances).problems) {
    if (problem.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(InternetChecksum, OfTheExampleInRfc1071) {
  EXPECT_EQ(ones_complement_sum(from_hex("0001 f203 f4f5 f6f7")), 0xddf2);
}

TEST(InternetChecksum, TakesAnOddLastByteAsTheHighHalfOfAWord) {
  EXPECT_EQ(ones_complement_sum(from_hex("0001 02")), 0x0201);
}

TEST(Judge, AcceptsAnIpv4DatagramThatAnotherStackMade) {
  const Datagram datagram = dissect_datagram(from_hex(kForeignIpv4));
  EXPECT_EQ(datagram.problems, Problems{});
  EXPECT_EQ(datagram.source, "192.0.2.1:4660");
  EXPECT_EQ(datagram.destination, "198.51.100.7:5004");
}

TEST(Judge, AcceptsAnIpv6DatagramThatAnotherStackMade) {
  const Datagram datagram = dissect_datagram(from_hex(kForeignIpv6));
  EXPECT_EQ(datagram.problems, Problems{});
  EXPECT_EQ(datagram.destination, "[2001:db8::7]:5004");
}

TEST(Judge, SeesEachByteOfAnIpv4DatagramThatChanges) {
  const Bytes good = from_hex(kForeignIpv4);
  for (size_t i = 14; i < good.size(); i++) {
    Bytes bad = good;
    bad[i] ^= 0x04;
    EXPECT_FALSE(dissect_datagram(bad).problems.empty()) << "byte " << i;
  }
}

TEST(Judge, SeesEachByteOfAnIpv6DatagramThatChangesButForThoseNoSumCovers) {
  const Bytes good = from_hex(kForeignIpv6);
  for (size_t i = 14; i < good.size(); i++) {
    const bool class_label_or_hop_limit = i < 18 || i == 21;
    if (class_label_or_hop_limit) continue;
    Bytes bad = good;
    bad[i] ^= 0x04;
    EXPECT_FALSE(dissect_datagram(bad).problems.empty()) << "byte " << i;
  }
}

TEST(Judge, SurvivesEveryTruncation) {
  for (const char* const text : {kForeignIpv4, kForeignIpv6}) {
    const Bytes good = from_hex(text);
    for (size_t length = 0; length < good.size(); length++)
      EXPECT_FALSE(dissect_datagram(ByteView(good).first(length)).problems.empty()) << length;
  }
}

TEST(Judge, SeesBytesBehindTheIpPacketUnlessAllowed) {
  Bytes padded = from_hex(kForeignIpv4);
  padded.resize(padded.size() + 7);
  EXPECT_TRUE(has_problem(padded, "7 bytes behind"));
  EXPECT_EQ(dissect_datagram(padded, {.trailer = true}).problems, Problems{});
}

TEST(Judge, SeesAMissingChecksumUnlessAllowedAndNeverAllowsItForIpv6) {
  FrameSpec spec{.checksum = UdpChecksum::kNone, .payload = random_bytes(20, 1)};
  EXPECT_TRUE(has_problem(build_frame(spec), "no UDP checksum"));
  EXPECT_EQ(dissect_datagram(build_frame(spec), {.zero_checksum = true}).problems, Problems{});
  spec.source = kSource6;
  spec.destination = kPeer6;
  EXPECT_TRUE(has_problem(build_frame(spec), "no UDP checksum", {.zero_checksum = true}));
}

TEST(Judge, FollowsTagsInTheFrame) {
  const FrameSpec spec{.vlan_tags = {100, 200}, .payload = random_bytes(20, 2)};
  const Datagram datagram = dissect_datagram(build_frame(spec));
  EXPECT_EQ(datagram.problems, Problems{});
  EXPECT_EQ(datagram.vlan_tags, (std::vector<uint16_t>{100, 200}));
}

// RFC 3550 5.1 and 5.3.1, by hand.
TEST(Judge, ReadsAnRtpHeaderWithCsrcExtensionAndPadding) {
  const RtpPacket rtp = dissect_rtp(
      from_hex("b1 a1 fffe 01020304 11223344 aabbccdd bede 0001 e200beef 0708 0000 0004"));
  EXPECT_EQ(rtp.problems, Problems{});
  EXPECT_TRUE(rtp.marker);
  EXPECT_EQ(rtp.payload_type, 33);
  EXPECT_EQ(rtp.sequence_number, 0xfffe);
  EXPECT_EQ(rtp.timestamp, 0x01020304u);
  EXPECT_EQ(rtp.ssrc, 0x11223344u);
  ASSERT_TRUE(rtp.extension);
  EXPECT_EQ(rtp.extension->profile, 0xbede);
  EXPECT_EQ(rtp.extension->data, from_hex("e200beef"));
  EXPECT_EQ(rtp.payload, from_hex("0708"));
}

TEST(Judge, SeesBrokenRtp) {
  for (const char* const text : {
           "80 21 0000 00000000 112233",                     // shorter than the header
           "40 21 0000 00000000 11223344",                   // version 1
           "90 21 0000 00000000 11223344 bede 0002 e20000",  // the extension is cut off
           "82 21 0000 00000000 11223344 aabbccdd",          // one CSRC of two
           "a0 21 0000 00000000 11223344 0005",              // more padding than packet
       })
    EXPECT_FALSE(dissect_rtp(from_hex(text)).problems.empty()) << text;
}

// RFC 8285 4.2's own example: three elements, and padding.
TEST(Judge, ReadsTheOneByteHeaderExtensionOfRfc8285) {
  const OneByteExtension extension =
      dissect_one_byte_extension({0xBEDE, from_hex("10aa 21bbbb 0000 33dddddddd")});
  EXPECT_EQ(extension.problems, Problems{});
  EXPECT_EQ(extension.padding_bytes, 2u);
  ASSERT_EQ(extension.elements.size(), 3u);
  EXPECT_EQ(extension.elements[1].id, 2);
  EXPECT_EQ(extension.elements[1].data, from_hex("bbbb"));
  EXPECT_EQ(extension.elements[2].data, from_hex("dddddddd"));
}

TEST(Judge, SeesBrokenHeaderExtensions) {
  const auto is_broken = [](uint16_t profile, const char* data) {
    return !dissect_one_byte_extension({profile, from_hex(data)}).problems.empty();
  };
  EXPECT_TRUE(is_broken(0x1000, "e2000000"));          // two-byte headers
  EXPECT_TRUE(is_broken(0xBEDE, "e3000000"));          // one byte more than there is
  EXPECT_TRUE(is_broken(0xBEDE, "e700000000000000"));  // likewise
  EXPECT_TRUE(is_broken(0xBEDE, "f2000000"));          // ID 15
  EXPECT_TRUE(is_broken(0xBEDE, "02000000"));          // ID 0 with a length
  EXPECT_FALSE(is_broken(0xBEDE, "e600000000000000"));
}

TEST(VirtioDevice, CompletesTheChecksumOfAForeignDatagram) {
  const Bytes whole = from_hex(kForeignIpv4);
  Bytes frame = whole;
  put_be16(frame, 40, pseudo_header_sum(ByteView(frame).subspan(14), frame.size() - 34));
  const VnetHeader request{.flags = VnetHeader::kNeedsChecksum, .csum_start = 34, .csum_offset = 6};
  EXPECT_FALSE(complete_checksum(request, frame));
  EXPECT_EQ(frame, whole);
}

TEST(VirtioDevice, LeavesAFrameAloneThatAsksForNothing) {
  Bytes frame = from_hex(kForeignIpv4);
  EXPECT_FALSE(complete_checksum({.csum_start = 34, .csum_offset = 4}, frame));
  EXPECT_EQ(frame, from_hex(kForeignIpv4));
}

TEST(VirtioDevice, RefusesAPlaceBehindTheFrame) {
  Bytes frame(60);
  EXPECT_TRUE(complete_checksum(
      {.flags = VnetHeader::kNeedsChecksum, .csum_start = 53, .csum_offset = 6}, frame));
  EXPECT_FALSE(complete_checksum(
      {.flags = VnetHeader::kNeedsChecksum, .csum_start = 52, .csum_offset = 6}, frame));
}

// The signature of kernel-facts.md 1.2, made on purpose: a packetizer moves the UDP header forward
// and leaves csum_start where it was. The device then writes into the SSRC.
TEST(VirtioDevice, DestroysTheSsrcOfAPacketizerThatForgetsCsumStart) {
  const VnetHeader stale{.flags = VnetHeader::kNeedsChecksum, .csum_start = 46, .csum_offset = 6};
  std::set<uint32_t> ssrcs;
  for (uint32_t seed = 0; seed < 4; seed++) {
    Bytes rtp = from_hex("80 21 0001 00000000 11223344");
    append(rtp, random_bytes(100, seed));
    Bytes frame = build_frame({.payload = rtp});
    ASSERT_FALSE(complete_checksum(stale, frame));
    const Datagram datagram = dissect_datagram(frame);
    EXPECT_TRUE(has_problem(frame, "UDP checksum"));
    const uint32_t ssrc = dissect_rtp(datagram.payload).ssrc;
    EXPECT_EQ(ssrc >> 16, 0x1122u);
    EXPECT_NE(ssrc, kSsrc);
    ssrcs.insert(ssrc);
  }
  EXPECT_EQ(ssrcs.size(), 4u);
}

TEST(Noise, IsWhatTheKernelSaysByItselfAndNothingElse) {
  EXPECT_FALSE(is_kernel_noise(from_hex(kForeignIpv4)));
  EXPECT_FALSE(is_kernel_noise(from_hex(kForeignIpv6)));
  Bytes arp = from_hex("ffffffffffff 020000000901 0806");
  arp.resize(42);
  EXPECT_TRUE(is_kernel_noise(arp));
  Bytes unknown = arp;
  put_be16(unknown, 12, 0x1234);
  EXPECT_FALSE(is_kernel_noise(unknown));
}

TEST(Process, ReturnsBothOutputsAndTheExitCode) {
  const ProcessResult result = run({"sh", "-c", "cat; echo bad >&2; exit 3"}, {.input = "good"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.out, "good");
  EXPECT_EQ(result.err, "bad\n");
}

TEST(Process, EndsACommandThatTakesTooLong) {
  const ProcessResult result = run({"sleep", "60"}, {.timeout = std::chrono::milliseconds(50)});
  EXPECT_TRUE(result.timed_out);
}

using HarnessTest = NicTest;

// The same as above with the real kernel and no packetizer: the request passes through the TAP.
TEST_F(HarnessTest, AWrongRequestTravelsToTheDeviceAndIsSeen) {
  make_fresh_tap();
  Bytes rtp = from_hex("80 21 0001 00000000 11223344");
  append(rtp, random_bytes(100, 3));
  const FrameSpec spec{.destination = kStranger4, .payload = rtp};
  VnetHeader request = request_checksum(spec);
  request.csum_start += 12;
  ASSERT_EQ(FrameSocket().send(tap().ifindex(), build_frame(spec), request), 0);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->vnet.needs_checksum());
  EXPECT_TRUE(has_problem(frame->wire, "UDP checksum"));
  EXPECT_NE(dissect_rtp(dissect_datagram(frame->wire).payload).ssrc, kSsrc);
}

TEST_F(HarnessTest, ADeviceHasTheOffloadItWasAskedFor) {
  make_fresh_tap({.tx_checksum = false});
  EXPECT_NO_THROW(tap().set_tx_checksum(true));
  EXPECT_NO_THROW(tap().set_tx_checksum(false));
}

}  // namespace
}  // namespace zc::test
