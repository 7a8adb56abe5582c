// SPDX-License-Identifier: GPL-2.0-only
// Pieces of super-packets as they come back from the stage: marked, with a signed room between IP
// header and UDP header. Expected bytes were made by a script of its own arithmetic from RFC 791,
// 8200, 768, 3550 and 8285; tshark calls their checksums good once the filler is filled.
#include <bpf/bpf.h>

#include <random>

#include "fixture.h"
#include "inet.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

constexpr uint32_t kMarks = 0x7b000000;
constexpr uint32_t kNumber = 0x123456;  // of the super-packet
constexpr uint32_t kMark = kMarks | kNumber;
constexpr uint32_t kRing = 4096;  // so many super-packets later, its note is another one's
constexpr unsigned kSlot = 4711;
constexpr uint32_t kAppMark = 0xcafe;
constexpr uint32_t kTimestamp = 0x55667788;

// 11 bytes of payload; room: 007a6352 and zeros, for IPv6 behind the head of a PadN option.
const Bytes kPiece4 = from_hex(
    "02000000090202000000090108004ab8003b000700004011fd120a0900010a090002007a63520000"
    "00000000000000000000000000009c40138c00131439404142434445464748494a");
const Bytes kStamped4 = from_hex(
    "020000000902020000000901080045b8003b00070000401165df0a0900010a0900029c40138c0027"
    "8814902112345566778811223344bede0001e2000000404142434445464748494a");
const Bytes kPiece6 = from_hex(
    "02000000090202000000090186dd6b80000c002b3c4020010db80000000000000000000000012001"
    "0db800000000000000000000000211020114007a6352000000000000000000000000000000009c40"
    "138c00135b99404142434445464748494a");
const Bytes kStamped6 = from_hex(
    "02000000090202000000090186dd6b80000c002b114020010db80000000000000000000000012001"
    "0db80000000000000000000000029c40138c002b81cb902112345566778811223344bede0002e600"
    "000000000000404142434445464748494a");

struct Family {
  int number;
  const Bytes& piece;
  const Bytes& stamped;
  size_t checksum_start;  // where the UDP header stood in the piece
};
const Family kFamilies[] = {{4, kPiece4, kStamped4, 54}, {6, kPiece6, kStamped6, 78}};

class PieceTest : public EgressTest {
 protected:
  void SetUp() override {
    EgressTest::SetUp();
    egress.add_rule(0, {.to = "10.9.0.2:5004", .checksum = ZC_CHECKSUM_LCO});
    egress.add_rule(1, {.to = "[2001:db8::2]:5004", .checksum = ZC_CHECKSUM_LCO});
    egress.set_stage(1);
    put_stream();
    egress.put_super(note());
  }

  void put_stream() {
    zc_stream stream{};
    stream.next_seq = stream.first_seq = 0x1234;
    stream.last_ts = 0xdeadbeef;  // of a super-packet that passed later
    stream.ssrc = 0x11223344;
    stream.state = ZC_SLOT_USED;
    egress.put_stream(kSlot, stream);
  }

  static zc_super note(uint32_t number = kNumber) {
    zc_super note{};
    note.mark = kMarks | number;
    note.slot = kSlot;
    note.how.payload_type = 33;
    note.how.checksum = ZC_CHECKSUM_LCO;
    note.timestamp = kTimestamp;
    note.app_mark = kAppMark;
    return note;
  }

  Verdict run_marked(const Bytes& packet, uint32_t mark = kMark) {
    __sk_buff context{};
    context.mark = mark;
    return egress.run(packet, &context);
  }

  // Dropped, or passed as it came: no header and no sequence number.
  void expect_no_piece(const Bytes& packet, uint32_t mark = kMark) {
    const Verdict verdict = run_marked(packet, mark);
    EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1234U);
    if (verdict.refused || verdict.code == kDropped) return;
    EXPECT_EQ(verdict.out, packet);
    EXPECT_EQ(verdict.mark, mark);
  }
};
ZC_EGRESS_TESTS(PieceTest);

// Sums as the device does (VIRTIO 1.x 5.1.6.2).
Bytes completed(Bytes frame, size_t checksum_start) {
  const Bytes rest(frame.begin() + static_cast<long>(checksum_start), frame.end());
  const auto sum = static_cast<uint16_t>(~ones_complement_sum(rest));
  frame[checksum_start + 6] = static_cast<uint8_t>(sum >> 8);
  frame[checksum_start + 7] = static_cast<uint8_t>(sum);
  return frame;
}

TEST_P(PieceTest, ItLeavesWithTheBytesOfTheRfcsAndTheApplicationsMark) {
  for (const Family& family : kFamilies) {
    SCOPED_TRACE(family.number);
    put_stream();
    const Verdict verdict = run_marked(family.piece);
    EXPECT_EQ(verdict.code, kPassed);
    EXPECT_EQ(to_hex(verdict.out), to_hex(family.stamped));
    EXPECT_EQ(verdict.mark, kAppMark);
    const Datagram datagram = dissect(completed(verdict.out, family.checksum_start));
    EXPECT_EQ(datagram.problem, "");
    EXPECT_EQ(dissect_rtp(datagram.payload).problem, "");
    EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1235U);
    EXPECT_EQ(egress.slot(kSlot).octets, 11U);
  }
}

TEST_P(PieceTest, SequenceNumbersWrapAndEveryCarryOfTheChecksumIsRight) {
  for (const Family& family : kFamilies) {
    put_stream();
    egress.slot(kSlot).next_seq = 0xff00;
    for (unsigned i = 0; i < 0x10200; i++) {
      zc_super moving = note();
      moving.timestamp = i * 0x10001;
      egress.put_super(moving);
      const Verdict verdict = run_marked(family.piece);
      const Datagram datagram = dissect(completed(verdict.out, family.checksum_start));
      ASSERT_EQ(datagram.problem, "") << i;
      ASSERT_TRUE(datagram.has_checksum) << i;
      ASSERT_EQ(dissect_rtp(datagram.payload).sequence_number, (0xff00 + i) & 0xffff);
    }
  }
}

// Two CPUs that send one stream, or a stage that holds one super-packet back: what the one has
// must not get into the pieces of the other.
TEST_P(PieceTest, PiecesOfTwoSuperPacketsOfOneStreamThatComeInTurnKeepTheirOwnTimestampAndMark) {
  for (const Family& family : kFamilies) {
    SCOPED_TRACE(family.number);
    put_stream();
    for (uint32_t i = 0; i < 20; i++) {
      const uint32_t which = i % 2;
      zc_super other = note(kNumber + 1 - which);  // passes while a piece of the first is away
      other.timestamp = kTimestamp + 1 - which;
      other.app_mark = kAppMark + 1 - which;
      egress.put_super(other);
      zc_super own = note(kNumber + which);
      own.timestamp = kTimestamp + which;
      own.app_mark = kAppMark + which;
      if (i < 2) egress.put_super(own);
      const Verdict verdict = run_marked(family.piece, kMarks | (kNumber + which));
      const Datagram datagram = dissect(completed(verdict.out, family.checksum_start));
      EXPECT_EQ(datagram.problem, "");
      const Rtp rtp = dissect_rtp(datagram.payload);
      EXPECT_EQ(rtp.timestamp, kTimestamp + which);
      EXPECT_EQ(rtp.sequence_number, 0x1234 + i) << "in the order in which they pass";
      EXPECT_EQ(verdict.mark, kAppMark + which);
    }
  }
}

TEST_P(PieceTest, ARuleThatChangesUnderWayChangesNoPiece) {
  zc_rule rule{};
  ASSERT_TRUE(egress.read_rule(0, rule));
  rule.options.how.payload_type = 96;
  egress.write_rule(0, rule);
  EXPECT_EQ(to_hex(run_marked(kPiece4).out), to_hex(kStamped4));
}

TEST_P(PieceTest, AMarkOfNoSuperPacketMakesNoPiece) {
  egress.put_super(zc_super{});  // as a table is that was just made: marks nobody
  for (const Family& family : kFamilies) {
    for (const uint32_t number : {0U, 1U, kRing, kNumber - 1, kNumber + 1, 0xffffffU})
      expect_no_piece(family.piece, kMarks | number);
  }
  EXPECT_EQ(egress.counters(0)["ip_options"], 6U);
  EXPECT_EQ(egress.counters(1)["ip_options"], 6U);
}

TEST_P(PieceTest, APieceWhoseNoteWasOverwrittenIsDroppedAndCountedNeverHalfMade) {
  for (const Family& family : kFamilies) {
    for (const uint32_t later : {kNumber + kRing, kNumber - kRing, kNumber + 100 * kRing}) {
      egress.put_super(note(later));
      EXPECT_EQ(run_marked(family.piece).code, kDropped);
      expect_no_piece(family.piece);
    }
    zc_super half_written = note();
    half_written.mark = 0;
    egress.put_super(note());
    const unsigned place = kNumber % kRing;
    ASSERT_EQ(bpf_map_update_elem(egress.map_fd("zc_supers"), &place, &half_written, BPF_ANY), 0);
    EXPECT_EQ(run_marked(family.piece).code, kDropped);
  }
  EXPECT_EQ(egress.counters(0)["ip_options"], 7U);
  EXPECT_EQ(egress.counters(1)["ip_options"], 7U);
  EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1234U);
}

TEST_P(PieceTest, APieceOfAStreamThatIsGoneIsNoPiece) {
  for (const Family& family : kFamilies) {
    egress.slot(kSlot).state = ZC_SLOT_FREE;
    expect_no_piece(family.piece);
    egress.slot(kSlot).state = ZC_SLOT_USED;
    for (const uint32_t slot : {kSlot + 1, 0x1ffffU, 0x20000U, 0xffffffffU}) {
      zc_super elsewhere = note();
      elsewhere.slot = slot;
      egress.put_super(elsewhere);
      expect_no_piece(family.piece);
    }
    egress.put_super(note());
  }
  EXPECT_EQ(egress.counters(0)["ip_options"], 5U);
  EXPECT_EQ(egress.counters(1)["ip_options"], 5U);
}

TEST_P(PieceTest, AnotherMarkMakesNoPiece) {
  for (const Family& family : kFamilies) {
    for (const uint32_t mark :
         {0U, kNumber, 0x7a000000U | kNumber, 0xfb000000U | kNumber, 0x3b000000U})
      expect_no_piece(family.piece, mark);
  }
}

TEST_P(PieceTest, EveryOtherHeaderLengthMakesNoPiece) {
  for (uint8_t words = 0; words < 16; words++) {
    Bytes packet = kPiece4;
    packet[14] = static_cast<uint8_t>(0x40 | words);
    if (words != 10) expect_no_piece(packet);
  }
  for (const uint8_t next : {0, 17, 43, 44, 51, 59}) {
    Bytes packet = kPiece6;
    packet[20] = next;
    expect_no_piece(packet);
  }
}

TEST_P(PieceTest, EveryBitOfTheRoomsSignCounts) {
  const auto expect_each_bit = [&](const Bytes& piece, size_t from, size_t to) {
    for (size_t bit = from * 8; bit < to * 8; bit++) {
      SCOPED_TRACE(bit);
      Bytes packet = piece;
      packet[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      expect_no_piece(packet);
    }
  };
  expect_each_bit(kPiece4, 34, 38);
  expect_each_bit(kPiece6, 54, 62);
}

TEST_P(PieceTest, AFragmentIsNoPieceAndIsCountedAsOne) {
  for (const uint16_t field : {0x2000, 0x2001, 0x0001, 0x1fff}) {
    Bytes packet = kPiece4;
    packet[20] = static_cast<uint8_t>(field >> 8);
    packet[21] = static_cast<uint8_t>(field);
    expect_no_piece(packet);
  }
  EXPECT_EQ(egress.counters(0)["fragment"], 4U);
}

// A cutter of fragments (UFO) would make this of a super-packet with room.
TEST_P(PieceTest, AnIpv6FragmentBehindTheRoomIsNoPieceAndIsCountedAsOne) {
  Bytes packet = kPiece6;
  packet[54] = 44;
  const Bytes fragment{17, 0, 0, 1, 0, 0, 0, 9};
  packet.insert(packet.begin() + 78, fragment.begin(), fragment.end());
  packet[19] = static_cast<uint8_t>(packet[19] + 8);
  expect_no_piece(packet);
  EXPECT_EQ(egress.counters(1)["fragment"], 1U);
}

TEST_P(PieceTest, APieceCutAtAnyByteOrTooLongIsNotStamped) {
  for (const Family& family : kFamilies) {
    for (size_t bytes = 15; bytes < family.piece.size(); bytes++) {
      SCOPED_TRACE(bytes);
      expect_no_piece(Bytes(family.piece.begin(), family.piece.begin() + static_cast<long>(bytes)));
    }
    Bytes longer = family.piece;
    longer.push_back(0);
    expect_no_piece(longer);
  }
}

TEST_P(PieceTest, ASuperPacketIsNeverAPieceWhateverItsMark) {
  __sk_buff context{};
  context.mark = kMark;
  context.gso_size = 5;
  context.gso_segs = 3;
  for (const Family& family : kFamilies) {
    const Verdict verdict = egress.run(family.piece, &context);
    EXPECT_EQ(verdict.code, kDropped) << "its options came from elsewhere";
  }
  EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1234U);
}

// Lengths, header length, fragment field and room: what a piece is known by. Never half right.
TEST_P(PieceTest, NoMutationOfWhatAPieceIsKnownByIsStamped) {
  constexpr unsigned kSeed = 791, kRounds = 20'000;
  const std::vector<size_t> places4{14, 16, 17, 20, 21, 34, 35, 36, 37, 58, 59};
  const std::vector<size_t> places6{14, 18, 19, 20, 54, 55, 56, 57, 58, 59, 60, 61, 82, 83};
  std::mt19937 random(kSeed);
  unsigned stamped = 0;
  for (unsigned round = 0; round < kRounds && !HasFailure(); round++) {
    const Family& family = kFamilies[random() % 2];
    const auto& places = family.number == 4 ? places4 : places6;
    Bytes packet = family.piece;
    for (unsigned i = random() % 3; i > 0; i--)
      packet[places[random() % places.size()]] ^= static_cast<uint8_t>(1 << random() % 8);
    if (random() % 4 == 0) packet.resize(15 + random() % (packet.size() - 15));
    put_stream();
    SCOPED_TRACE("seed 791, round " + std::to_string(round) + ": " + to_hex(packet));
    const Verdict verdict = run_marked(packet);
    if (verdict.refused || verdict.code == kDropped || verdict.out == packet) continue;
    // The reserved and the DF bit of IPv4, and the high bits of the version, are not known by.
    packet[20] &= 0x3f;
    packet[14] = family.piece[14];
    EXPECT_EQ(packet, family.piece);
    stamped++;
  }
  EXPECT_GT(stamped, kRounds / 10);
}

}  // namespace
}  // namespace zc::test
