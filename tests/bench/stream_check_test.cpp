// SPDX-License-Identifier: GPL-2.0-only
// The judges of what arrives: they must find every fault. Packets are literal, after RFC 3550,
// RFC 8285 and RFC 2250.
#include "env/stream_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "env/ts_stream_check.h"

namespace zc::bench {
namespace {

using Bytes = std::vector<uint8_t>;

// Payloads of four bytes; the file has two of them.
const Bytes kFile{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'};

Expected expected(Rtp rtp) {
  Stream stream;
  stream.file_bytes = kFile.size();
  stream.payload_bytes = 4;
  stream.packets = 2;
  return {stream, kFile, rtp};
}

// V=2, PT 96, sequence 0x1234, timestamp 0x01020304, SSRC 0xdecafbad.
const Bytes kFirst{0x80, 0x60, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04,
                   0xde, 0xca, 0xfb, 0xad, 'a',  'b',  'c',  'd'};
const Bytes kSecond{0x80, 0x60, 0x12, 0x35, 0x01, 0x02, 0x03, 0xcc,
                    0xde, 0xca, 0xfb, 0xad, 'e',  'f',  'g',  'h'};

std::string problem(Rtp rtp, const std::vector<Bytes>& packets, uint64_t every = 1) {
  StreamCheck check(expected(rtp), every);
  for (const Bytes& packet : packets)
    check.datagram(packet);
  EXPECT_EQ(check.packets(), packets.size());
  return check.problem();
}

Bytes changed(Bytes packet, size_t at, uint8_t to) {
  packet.at(at) = to;
  return packet;
}

TEST(StreamCheck, GoodPacketsHaveNoProblem) {
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, kSecond}), "");
}

TEST(StreamCheck, AfterTheFilesLastPacketComesItsFirst) {
  const Bytes third = changed(changed(kFirst, 3, 0x36), 4, 0x02);
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, kSecond, third}), "");
}

TEST(StreamCheck, TheSequenceNumberGoesFrom65535To0) {
  const Bytes last = changed(changed(kFirst, 2, 0xff), 3, 0xff);
  const Bytes next = changed(changed(kSecond, 2, 0x00), 3, 0x00);
  EXPECT_EQ(problem(Rtp::kApplication, {last, next}), "");
}

TEST(StreamCheck, BeginsWhereTheStreamDoes) {
  Expected wanted = expected(Rtp::kApplication);
  wanted.stream.first_packet = 1;
  wanted.stream.first_seq = 0x1235;
  StreamCheck good(wanted, 1);
  good.datagram(kSecond);
  good.datagram(changed(changed(kFirst, 3, 0x36), 4, 0x02));
  EXPECT_EQ(good.problem(), "");
  wanted.stream.first_seq = 0x1236;
  StreamCheck late(wanted, 1);
  late.datagram(kSecond);
  EXPECT_EQ(late.problem(), "packet 0: RTP sequence number 4661, not 4662");
}

TEST(StreamCheck, AClockThatIsNotTheWallsMustShow) {
  Expected wanted = expected(Rtp::kApplication);
  wanted.ticks = 200;  // 0x01020304 to 0x010203cc
  StreamCheck good(wanted, 1);
  good.datagram(kFirst);
  good.datagram(kSecond);
  EXPECT_EQ(good.problem(), "");
  wanted.ticks = 900;
  StreamCheck other(wanted, 1);
  other.datagram(kFirst);
  other.datagram(kSecond);
  EXPECT_EQ(other.problem(), "packet 1: RTP time went on by 200 ticks, not 900");
}

TEST(StreamCheck, AMarkerIsTakenOnlyWhereThereMayBeOne) {
  const Bytes marked = changed(kSecond, 1, 0xe0);
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, marked}), "packet 1: RTP header begins 80e0");
  Expected wanted = expected(Rtp::kApplication);
  wanted.may_mark = true;
  StreamCheck check(wanted, 1);
  check.datagram(kFirst);
  check.datagram(marked);
  EXPECT_EQ(check.problem(), "");
}

TEST(StreamCheck, AGapIsSeen) {
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, changed(kSecond, 3, 0x36)}),
            "packet 1: RTP sequence number 4662, not 4661");
}

TEST(StreamCheck, ARepeatedPacketIsSeen) {
  EXPECT_NE(problem(Rtp::kApplication, {kFirst, kFirst}), "");
}

TEST(StreamCheck, AnotherSsrcIsSeen) {
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, changed(kSecond, 11, 0)}),
            "packet 1: SSRC decafb00, not decafbad");
}

TEST(StreamCheck, ATimestampThatGoesBackIsSeen) {
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, changed(kSecond, 7, 0x03)}),
            "packet 1: RTP timestamp goes back");
}

TEST(StreamCheck, AnotherVersionOrPayloadTypeIsSeen) {
  EXPECT_EQ(problem(Rtp::kApplication, {changed(kFirst, 0, 0x40)}),
            "packet 0: RTP header begins 4060");
  EXPECT_NE(problem(Rtp::kApplication, {changed(kFirst, 1, 0x61)}), "");
}

TEST(StreamCheck, OneWrongByteIsSeen) {
  EXPECT_EQ(problem(Rtp::kApplication, {changed(kFirst, 15, 'x')}),
            "packet 0: other bytes than the file's");
}

TEST(StreamCheck, BytesOfAnotherPlaceInTheFileAreSeen) {
  Bytes moved = kSecond;
  std::copy_n(kFirst.begin() + 12, 4, moved.begin() + 12);
  EXPECT_NE(problem(Rtp::kApplication, {kFirst, moved}), "");
}

TEST(StreamCheck, WhatIsNotSampledIsNotCompared) {
  EXPECT_EQ(problem(Rtp::kApplication, {kFirst, changed(kSecond, 15, 'x')}, 2), "");
}

TEST(StreamCheck, AShorterPacketIsSeen) {
  Bytes cut = kFirst;
  cut.pop_back();
  EXPECT_EQ(problem(Rtp::kApplication, {cut}), "packet 0: 15 bytes, not 16");
  EXPECT_NE(problem(Rtp::kApplication, {Bytes{}}), "");
}

TEST(StreamCheck, WithoutRtpThePayloadIsAll) {
  EXPECT_EQ(problem(Rtp::kNone, {{'a', 'b', 'c', 'd'}, {'e', 'f', 'g', 'h'}}), "");
  EXPECT_NE(problem(Rtp::kNone, {{'a', 'b', 'c', 'e'}}), "");
}

// X=1, an extension of three words (0xBEDE, length 3), and their twelve bytes.
TEST(StreamCheck, ZcctlsHeaderOfUniHasAnExtensionAndThatOfSumHasNone) {
  const Bytes good{0x90, 0x60, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xde, 0xca, 0xfb,
                   0xad, 0xbe, 0xde, 0x00, 0x03, 0xea, 0x00, 0x12, 0x34, 0x00, 0x00,
                   0x00, 0x00, 0x00, 0x00, 0x56, 0x78, 'a',  'b',  'c',  'd'};
  EXPECT_EQ(problem(Rtp::kZcctlUni, {good}), "");
  EXPECT_EQ(problem(Rtp::kZcctlUni, {changed(good, 13, 0xdf)}),
            "packet 0: wrong RTP header extension");
  EXPECT_NE(problem(Rtp::kZcctlUni, {changed(good, 0, 0x80)}), "");
  EXPECT_NE(problem(Rtp::kZcctlSum, {good}), "");
}

// Sixteen bytes a packet in the file, header and payload; numbers may jump where it begins again.
TEST(StreamCheck, StoredHeadersBeginAnewWithTheFileButNotWithin) {
  Bytes stored = kFirst;
  stored.insert(stored.end(), kSecond.begin(), kSecond.end());
  Expected wanted = expected(Rtp::kFile);
  wanted.stream.file_bytes = stored.size();
  wanted.stream.stored_header_bytes = 12;
  wanted.file = stored;
  StreamCheck good(wanted, 1);
  for (const Bytes* const packet : {&kFirst, &kSecond, &kFirst, &kSecond})
    good.datagram(*packet);
  EXPECT_EQ(good.problem(), "");
  StreamCheck bad(wanted, 1);
  bad.datagram(kFirst);
  bad.datagram(kFirst);
  EXPECT_NE(bad.problem(), "");
  wanted.stream.first_packet = 1;
  StreamCheck late(wanted, 1);
  for (const Bytes* const packet : {&kSecond, &kFirst, &kSecond})
    late.datagram(*packet);
  EXPECT_EQ(late.problem(), "");
  late.datagram(kSecond);
  EXPECT_NE(late.problem(), "");
}

// RFC 2250: payload type 33, whole TS packets.
Bytes ts_packet(uint16_t seq, size_t ts_packets) {
  Bytes packet{
      0x80, 33, static_cast<uint8_t>(seq >> 8), static_cast<uint8_t>(seq), 0, 0, 0, 0, 1, 2, 3, 4};
  for (size_t i = 0; i < ts_packets; i++) {
    packet.push_back(0x47);
    packet.resize(packet.size() + 187);
  }
  return packet;
}

std::string ts_problem(const std::vector<Bytes>& packets) {
  TsStreamCheck check;
  for (const Bytes& packet : packets)
    check.datagram(packet);
  return check.problem();
}

TEST(TsStreamCheck, GoodPacketsAreCounted) {
  TsStreamCheck check;
  check.datagram(ts_packet(65535, 7));
  check.datagram(ts_packet(0, 3));
  EXPECT_EQ(check.problem(), "");
  EXPECT_EQ(check.packets(), 2U);
  EXPECT_EQ(check.payload_bytes(), 1880U);
}

// Figures a packet are of seven TS packets.
TEST(TsStreamCheck, OnlyTheLastPacketMayBeShort) {
  EXPECT_EQ(ts_problem({ts_packet(1, 7), ts_packet(2, 3)}), "");
  EXPECT_EQ(ts_problem({ts_packet(1, 7), ts_packet(2, 3), ts_packet(3, 7)}),
            "packet 2: the one before has 564 bytes, and is not the last");
  EXPECT_EQ(ts_problem({ts_packet(1, 8)}), "packet 0: 1504 bytes of TS packets");
}

TEST(TsStreamCheck, FaultsAreSeen) {
  Bytes no_sync = ts_packet(1, 7);
  no_sync.at(12 + 188) = 0x48;
  Bytes cut = ts_packet(1, 7);
  cut.pop_back();
  EXPECT_NE(ts_problem({no_sync}), "");
  EXPECT_NE(ts_problem({cut}), "");
  EXPECT_NE(ts_problem({ts_packet(1, 7), ts_packet(3, 7)}), "");
  EXPECT_NE(ts_problem({changed(ts_packet(1, 7), 1, 96)}), "");
  EXPECT_NE(ts_problem({ts_packet(1, 7), changed(ts_packet(2, 7), 11, 5)}), "");
  EXPECT_NE(ts_problem({Bytes(12, 0x80)}), "");
}

}  // namespace
}  // namespace zc::bench
