// SPDX-License-Identifier: GPL-2.0-only
// Pieces of super-packets as they come back from the stage: datagrams, known by mark, note and
// flow. Expected bytes were made by a script of its own arithmetic from RFC 791, 8200, 768 and
// 3550. Those that wait for their checksum (CHECKSUM_PARTIAL) BPF_PROG_TEST_RUN cannot make: see
// tests/nic.
#include <bpf/bpf.h>

#include <map>
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
constexpr uint32_t kSsrc = 0x11223344;
constexpr uint32_t kTimestamp = 0x55667788;

// 11 bytes of payload.
const Bytes kPiece4 = from_hex(
    "020000000902020000000901080045b8002700070000401165f30a0900010a0900029c40138c0013"
    "9c8c404142434445464748494a");
const Bytes kStamped4 = from_hex(
    "020000000902020000000901080045b8003300070000401165e70a0900010a0900029c40138c001f"
    "f8c9802112345566778811223344404142434445464748494a");
const Bytes kPiece6 = from_hex(
    "02000000090202000000090186dd6b80000c0013114020010db80000000000000000000000012001"
    "0db80000000000000000000000029c40138c0013552c404142434445464748494a");
const Bytes kStamped6 = from_hex(
    "02000000090202000000090186dd6b80000c001f114020010db80000000000000000000000012001"
    "0db80000000000000000000000029c40138c001fb169802112345566778811223344404142434445"
    "464748494a");

struct Family {
  int number;
  const Bytes& piece;
  const Bytes& stamped;
};
const Family kFamilies[] = {{4, kPiece4, kStamped4}, {6, kPiece6, kStamped6}};

class PieceTest : public EgressTest {
 protected:
  void SetUp() override {
    EgressTest::SetUp();
    egress.add_rule(0, {.to = "10.9.0.2:5004", .ssrc = 0x99999999});
    egress.add_rule(1, {.to = "[2001:db8::2]:5004", .ssrc = 0x99999999});
    egress.set_stage(1);
    put_stream();
  }

  void put_stream() {
    zc_stream stream{};
    stream.next_seq = stream.first_seq = 0x1234;
    stream.last_ts = 0xdeadbeef;  // of a super-packet that passed later
    stream.ssrc = kSsrc;
    stream.state = ZC_SLOT_USED;
    egress.put_stream(kSlot, stream);
  }

  // The note as zc_prepare_super writes it: it alone knows how flows are signed.
  zc_super note(const Bytes& piece, uint32_t number = kNumber) {
    zc_super note{};
    note.mark = kMarks | number;
    note.slot = kSlot;
    note.ssrc = kSsrc;
    note.how.payload_type = 33;
    note.how.checksum = ZC_CHECKSUM_SUM;
    note.timestamp = kTimestamp;
    note.app_mark = kAppMark;
    note.sign = sign_of(piece);
    return note;
  }

  Verdict run_marked(const Bytes& packet, uint32_t mark = kMark) {
    __sk_buff context{};
    context.mark = mark;
    return egress.run(packet, &context);
  }

  // Whatever becomes of it, it is not stamped as a piece of the note: no sequence number of its
  // stream, and the mark stays. A datagram of the rule gets its header as any other.
  void expect_no_piece(const Bytes& packet, uint32_t mark = kMark) {
    const Verdict verdict = run_marked(packet, mark);
    EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1234U);
    if (verdict.refused || verdict.code == kDropped) return;
    EXPECT_EQ(verdict.mark, mark);
  }

  void expect_ordinary_datagram(const Bytes& packet, uint32_t mark = kMark) {
    const Verdict verdict = run_marked(packet, mark);
    EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1234U);
    const Datagram datagram = dissect(verdict.out);
    EXPECT_EQ(datagram.problem, "");
    const Rtp rtp = dissect_rtp(datagram.payload);
    EXPECT_EQ(rtp.problem, "");
    EXPECT_EQ(rtp.ssrc, 0x99999999U);
    EXPECT_EQ(verdict.mark, mark);
  }

 private:
  // Sends the flow's super-packet and reads what it left; the program's own random place in the
  // ring is looked up by its mark.
  uint32_t sign_of(const Bytes& piece) {
    static std::map<Bytes, uint32_t> known;
    const auto found = known.find(piece);
    if (found != known.end()) return found->second;
    __sk_buff context{};
    context.gso_size = 5;
    context.gso_segs = 3;
    const Verdict verdict = egress.run(piece, &context);
    EXPECT_EQ(verdict.code, kRedirected);
    const unsigned place = verdict.mark % kRing;
    zc_super left{};
    EXPECT_EQ(bpf_map_lookup_elem(egress.map_fd("zc_supers"), &place, &left), 0);
    EXPECT_EQ(left.mark, verdict.mark);
    known[piece] = left.sign;
    return left.sign;
  }
};
ZC_EGRESS_TESTS(PieceTest);

TEST_P(PieceTest, ItLeavesWithTheBytesOfTheRfcsAndTheApplicationsMark) {
  for (const Family& family : kFamilies) {
    SCOPED_TRACE(family.number);
    put_stream();
    egress.put_super(note(family.piece));
    const Verdict verdict = run_marked(family.piece);
    EXPECT_EQ(verdict.code, kPassed);
    EXPECT_EQ(to_hex(verdict.out), to_hex(family.stamped));
    EXPECT_EQ(verdict.mark, kAppMark);
    EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1235U);
    EXPECT_EQ(egress.slot(kSlot).octets, 11U);
  }
}

TEST_P(PieceTest, SequenceNumbersWrapAndEveryCarryOfTheChecksumIsRight) {
  for (const Family& family : kFamilies) {
    put_stream();
    egress.slot(kSlot).next_seq = 0xff00;
    for (unsigned i = 0; i < 0x10200; i++) {
      zc_super moving = note(family.piece);
      moving.timestamp = i * 0x10001;
      moving.how.checksum = i % 2 == 0 ? ZC_CHECKSUM_SUM : ZC_CHECKSUM_UNI;
      egress.put_super(moving);
      const Datagram datagram = dissect(run_marked(family.piece).out);
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
      zc_super other = note(family.piece, kNumber + 1 - which);  // passes while the first is away
      other.timestamp = kTimestamp + 1 - which;
      other.app_mark = kAppMark + 1 - which;
      egress.put_super(other);
      zc_super own = note(family.piece, kNumber + which);
      own.timestamp = kTimestamp + which;
      own.app_mark = kAppMark + which;
      if (i < 2) egress.put_super(own);
      const Verdict verdict = run_marked(family.piece, kMarks | (kNumber + which));
      const Datagram datagram = dissect(verdict.out);
      EXPECT_EQ(datagram.problem, "");
      const Rtp rtp = dissect_rtp(datagram.payload);
      EXPECT_EQ(rtp.timestamp, kTimestamp + which);
      EXPECT_EQ(rtp.sequence_number, 0x1234 + i) << "in the order in which they pass";
      EXPECT_EQ(verdict.mark, kAppMark + which);
    }
  }
}

TEST_P(PieceTest, ARuleThatChangesUnderWayChangesNoPiece) {
  egress.put_super(note(kPiece4));
  zc_rule rule{};
  ASSERT_TRUE(egress.read_rule(0, rule));
  rule.options.how.payload_type = 96;
  egress.write_rule(0, rule);
  EXPECT_EQ(to_hex(run_marked(kPiece4).out), to_hex(kStamped4));
}

TEST_P(PieceTest, AMarkOfNoSuperPacketMakesAnOrdinaryDatagram) {
  for (const Family& family : kFamilies) {
    egress.put_super(note(family.piece));
    egress.put_super(zc_super{});  // as a table is that was just made: marks nobody
    for (const uint32_t number : {kRing, kNumber - 1, kNumber + 1, 0xffffffU})
      expect_ordinary_datagram(family.piece, kMarks | number);
  }
}

TEST_P(PieceTest, APieceWhoseNoteWasOverwrittenIsAnOrdinaryDatagram) {
  for (const Family& family : kFamilies) {
    for (const uint32_t later : {kNumber + kRing, kNumber - kRing, kNumber + 100 * kRing}) {
      egress.put_super(note(family.piece, later));
      expect_ordinary_datagram(family.piece);
    }
    zc_super half_written = note(family.piece);
    half_written.mark = 0;
    const unsigned place = kNumber % kRing;
    ASSERT_EQ(bpf_map_update_elem(egress.map_fd("zc_supers"), &place, &half_written, BPF_ANY), 0);
    expect_ordinary_datagram(family.piece);
  }
}

TEST_P(PieceTest, APieceOfAStreamThatIsGoneOrAnotherOneMeanwhileIsAnOrdinaryDatagram) {
  for (const Family& family : kFamilies) {
    egress.put_super(note(family.piece));
    egress.slot(kSlot).state = ZC_SLOT_FREE;
    expect_ordinary_datagram(family.piece);
    egress.slot(kSlot).state = ZC_SLOT_USED;
    egress.slot(kSlot).ssrc++;  // the slot was given to another stream
    expect_ordinary_datagram(family.piece);
    put_stream();
    for (const uint32_t slot : {kSlot + 1, 0x1ffffU, 0x20000U, 0xffffffffU}) {
      zc_super elsewhere = note(family.piece);
      elsewhere.slot = slot;
      egress.put_super(elsewhere);
      expect_ordinary_datagram(family.piece);
    }
  }
}

TEST_P(PieceTest, AnotherMarkMakesNoPiece) {
  for (const Family& family : kFamilies) {
    egress.put_super(note(family.piece));
    for (const uint32_t mark :
         {0U, kNumber, 0x7a000000U | kNumber, 0xfb000000U | kNumber, 0x3b000000U})
      expect_ordinary_datagram(family.piece, mark);
  }
}

// A mark may be somebody else's: each bit of addresses and ports tells a stranger.
TEST_P(PieceTest, AnotherFlowWithTheMarkIsNoPiece) {
  const auto expect_each_bit = [&](const Bytes& piece, size_t from, size_t to) {
    egress.put_super(note(piece));
    for (size_t bit = from * 8; bit < to * 8; bit++) {
      SCOPED_TRACE(bit);
      Bytes packet = piece;
      packet[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
      expect_no_piece(packet);
    }
  };
  expect_each_bit(kPiece4, 26, 38);
  expect_each_bit(kPiece6, 22, 58);
}

TEST_P(PieceTest, AFragmentIsNoPieceAndIsCountedAsOne) {
  egress.put_super(note(kPiece4));
  for (const uint16_t field : {0x2000, 0x2001, 0x0001, 0x1fff}) {
    Bytes packet = kPiece4;
    packet[20] = static_cast<uint8_t>(field >> 8);
    packet[21] = static_cast<uint8_t>(field);
    expect_no_piece(packet);
  }
  EXPECT_EQ(egress.counters(0)["fragment"], 4U);
}

TEST_P(PieceTest, APieceCutAtAnyByteOrTooLongIsNotStampedAsOne) {
  for (const Family& family : kFamilies) {
    egress.put_super(note(family.piece));
    for (size_t bytes = 15; bytes < family.piece.size(); bytes++) {
      SCOPED_TRACE(bytes);
      expect_no_piece(Bytes(family.piece.begin(), family.piece.begin() + static_cast<long>(bytes)));
    }
  }
}

TEST_P(PieceTest, ASuperPacketIsNeverAPieceWhateverItsMark) {
  __sk_buff context{};
  context.mark = kMark;
  context.gso_size = 5;
  context.gso_segs = 3;
  for (const Family& family : kFamilies) {
    egress.put_super(note(family.piece));
    EXPECT_EQ(egress.run(family.piece, &context).code, kRedirected);
  }
  EXPECT_EQ(egress.slot(kSlot).next_seq, 0x1234U);
}

// Lengths, header length and fragment field: what a piece is known by. Never half right.
TEST_P(PieceTest, NoMutationOfWhatAPieceIsKnownByIsStamped) {
  constexpr unsigned kSeed = 791, kRounds = 20'000;
  const std::vector<size_t> places4{14, 16, 17, 20, 21, 23, 26, 30, 34, 35, 36, 37};
  const std::vector<size_t> places6{14, 18, 19, 20, 22, 38, 54, 55, 56, 57};
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
    egress.put_super(note(family.piece));
    SCOPED_TRACE("seed 791, round " + std::to_string(round) + ": " + to_hex(packet));
    const Verdict verdict = run_marked(packet);
    if (egress.slot(kSlot).next_seq == 0x1234U) continue;
    ASSERT_EQ(verdict.code, kPassed);
    // The reserved and the DF bit of IPv4, and the traffic class, are not known by.
    packet[20] &= 0x3f;
    packet[14] = family.piece[14];
    EXPECT_EQ(packet, family.piece);
    stamped++;
  }
  EXPECT_GT(stamped, kRounds / 10);
}

}  // namespace
}  // namespace zc::test
