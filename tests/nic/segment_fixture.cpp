// SPDX-License-Identifier: GPL-2.0-only
#include "nic/segment_fixture.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <system_error>

namespace zc::test {
namespace {

constexpr std::chrono::seconds kFrameTimeout{2};
constexpr size_t kFileBytes = 160 * 1024;
constexpr size_t kFewPieces = 64;
constexpr uint8_t kHopLimit = 7;
constexpr uint8_t kTrafficClass = 0xb8;  // EF

}  // namespace

void set_segment(UdpSocket& socket, size_t bytes) {
  socket.set_option(IPPROTO_UDP, UDP_SEGMENT, static_cast<int>(bytes));
}

size_t most_pieces() {
  static const size_t most = [] {
    UdpSocket socket("127.0.0.1:9");
    set_segment(socket, 1);
    try {
      socket.send(Bytes(2 * kFewPieces));
    } catch (const std::system_error&) {
      return kFewPieces;
    }
    return 2 * kFewPieces;
  }();
  return most;
}

const PayloadFile& SegmentTest::file() {
  static const PayloadFile shared(random_bytes(kFileBytes, 81));
  return shared;
}

void SegmentTest::start(const Case& c, const TapOptions& options, bool automatic) {
  case_ = c;
  expected_ = {};
  octets_ = next_sequence_number_ = 0;
  segment_ = 0;
  last_timestamp_.reset();
  socket_.reset();  // its port is wanted again
  TapOptions complete = options;
  complete.tx_checksum = c.tx_checksum;
  make_tap(complete);
  if (automatic)
    attach(peer_of(c.family), {"--seq", "0", "--checksum", "auto"});
  else
    attach(c, {"--seq", "0"});
  socket_ = std::make_unique<UdpSocket>(peer_of(c.family), UdpOptions{.from = source_of(c.family)});
  const bool v4 = c.family == Family::kIpv4;
  socket_->set_option(v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS, kHopLimit);
  socket_->set_option(v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, kTrafficClass);
}

Wanted SegmentTest::wanted(const Piece& piece) const {
  const ByteView payload = file().part(piece.offset, piece.count);
  return {.checksum = case_.checksum,
          .payload = Bytes(payload.begin(), payload.end()),
          .source = source_of(case_.family),
          .destination = peer_of(case_.family),
          .sequence_number = next_sequence_number_,
          .hop_limit = kHopLimit,
          .traffic_class = kTrafficClass};
}

// RFC 3550 5.1: within a stream of live data the timestamp does not go back.
void SegmentTest::judge_timestamp(uint32_t timestamp) {
  EXPECT_LT(timestamp - last_timestamp_.value_or(timestamp), 0x80000000u);
  last_timestamp_ = timestamp;
}

void SegmentTest::judge_piece(const Frame& frame, const Piece& piece, Seen& seen) {
  const RtpPacket rtp = expect_stamped(frame, wanted(piece));
  next_sequence_number_++;
  octets_ += piece.count;
  EXPECT_EQ(frame.vnet.needs_checksum(), case_.tx_checksum && leaves_sum_to_device(case_.checksum));
  judge_timestamp(rtp.timestamp);
  seen.timestamps.insert(rtp.timestamp);
  if (case_.family == Family::kIpv6 || frame.wire.size() < 34) return;
  EXPECT_TRUE(seen.ids.insert(get_be16(frame.wire, 18)).second) << "an IPv4 ID for the second time";
}

void SegmentTest::judge(const Call& call) {
  Seen seen;
  const std::vector<Piece> pieces = pieces_of(case_, tap().options().mtu, call);
  if (pieces.size() > 1) expected_["super"]++;
  for (const Piece& piece : pieces) {
    expected_[piece.fate]++;
    if (piece.fate != "stamped") continue;
    const std::optional<Frame> frame = tap().read(kFrameTimeout);
    ASSERT_TRUE(frame) << "the piece of " << piece.count << " bytes at " << piece.offset
                       << " did not leave";
    judge_piece(*frame, piece, seen);
  }
  EXPECT_LE(seen.timestamps.size(), 1u) << "several timestamps in one super-packet";
}

size_t SegmentTest::send_and_judge(const Call& call) {
  SCOPED_TRACE(describe(call));
  if (segment_ != call.segment) set_segment(*socket_, call.segment);
  segment_ = call.segment;
  const uint64_t before = expected_["stamped"];
  socket_->send(call.way, file(), call.offset, call.count, call.head);
  judge(call);
  return expected_["stamped"] - before;
}

void SegmentTest::expect_all_accounted() {
  const std::vector<Frame> more = frames();
  EXPECT_TRUE(more.empty()) << describe(more.front());
  const Shown now = shown();
  ASSERT_EQ(now.rules.size(), 1u);
  EXPECT_EQ(now.rules[0].counters, expected_);
  EXPECT_EQ(now.rules[0].checksum, to_string(case_.checksum));
  ASSERT_EQ(now.streams.size(), 1u);
  EXPECT_EQ(now.streams[0].ssrc, "0x11223344");
  EXPECT_EQ(now.streams[0].packets, expected_["stamped"]);
  EXPECT_EQ(now.streams[0].octets, octets_);
}

}  // namespace zc::test
