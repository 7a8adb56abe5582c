// SPDX-License-Identifier: GPL-2.0-only
// Streams: sequence numbers, first values, SSRCs, octets (RFC 3550 5.1, 6.4.1).
#include <algorithm>
#include <set>

#include "fixture.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

class StreamTest : public EgressTest {
 protected:
  Rtp send(const PacketBuilder& builder) {
    return dissect_rtp(dissect(egress.run(builder.build()).out).payload);
  }
  Rtp send_from_port(uint16_t port) { return send(packet(4).from("10.9.0.1", port)); }
};
ZC_EGRESS_TESTS(StreamTest);

TEST_P(StreamTest, SequenceNumbersCountUpByOne) {
  egress.add_rule(0, {.seq = 5});
  for (uint16_t expected = 5; expected < 25; expected++)
    EXPECT_EQ(send(packet(4)).sequence_number, expected);
}

TEST_P(StreamTest, SequenceNumbersWrapFrom65535To0AndTheCountGoesOn) {
  egress.add_rule(0, {.seq = 65534});
  EXPECT_EQ(send(packet(4)).sequence_number, 65534);
  EXPECT_EQ(send(packet(4)).sequence_number, 65535);
  EXPECT_EQ(send(packet(4)).sequence_number, 0);
  EXPECT_EQ(send(packet(4)).sequence_number, 1);
  ASSERT_EQ(egress.streams().size(), 1U);
  const zc_stream stream = egress.streams().begin()->second;
  EXPECT_EQ(stream.next_seq, 65538U);
  EXPECT_EQ(stream.next_seq - stream.first_seq, 4U);
}

TEST_P(StreamTest, TheWireCarriesTheLowBitsOfALongSequence) {
  egress.add_rule(0, {});
  send(packet(4));
  egress.slot(egress.streams().begin()->first).next_seq = 0x7'0000'ffff;
  EXPECT_EQ(send(packet(4)).sequence_number, 0xffff);
  EXPECT_EQ(send(packet(4)).sequence_number, 0);
  EXPECT_EQ(egress.streams().begin()->second.next_seq, 0x7'0001'0001U);
}

TEST_P(StreamTest, ADroppedPacketTakesNoSequenceNumber) {
  egress.add_rule(0, {.seq = 100});
  EXPECT_EQ(send(packet(4)).sequence_number, 100);
  expect_dropped(packet(4).udp_length(3).build(), "malformed");
  expect_dropped(packet(4).fragment(0, true).build(), "fragment");
  EXPECT_EQ(send(packet(4)).sequence_number, 101);
}

TEST_P(StreamTest, EachSourceIsAStreamOfItsOwn) {
  egress.add_rule(0, {.ssrc = std::nullopt, .seq = std::nullopt, .ts = std::nullopt});
  const Rtp one = send_from_port(1), two = send_from_port(2), again = send_from_port(1);
  EXPECT_NE(one.ssrc, two.ssrc);
  EXPECT_EQ(one.ssrc, again.ssrc);
  EXPECT_EQ(static_cast<uint16_t>(one.sequence_number + 1), again.sequence_number);
  EXPECT_NE(send(packet(4).from("10.9.0.77", 1)).ssrc, one.ssrc);
  EXPECT_EQ(egress.streams().size(), 3U);
  EXPECT_EQ(egress.slots_in_use(), 3U);
}

TEST_P(StreamTest, FirstValuesAreRandomUnlessTheRuleGivesThem) {
  egress.add_rule(0, {.ssrc = std::nullopt, .seq = std::nullopt, .ts = std::nullopt});
  std::set<uint32_t> ssrcs, seqs, timestamps;
  uint16_t highest = 0;
  for (uint16_t port = 1; port <= 500; port++) {
    const Rtp rtp = send_from_port(port);
    ssrcs.insert(rtp.ssrc);
    seqs.insert(rtp.sequence_number);
    timestamps.insert(rtp.timestamp >> 16);
    highest = std::max(highest, rtp.sequence_number);
  }
  // Two of 500 draws of 2^32 meet with a chance of 3e-5; of 2^15 or 2^16 some always do.
  EXPECT_GE(ssrcs.size(), 499U);
  EXPECT_GE(seqs.size(), 450U);
  EXPECT_GE(timestamps.size(), 450U);
  EXPECT_LT(highest, 0x8000) << "an early loss must not look like a wrap (RFC 3550 5.1, A.1)";
  EXPECT_GE(highest, 0x7000) << "the whole range below 2^15 is used";
}

TEST_P(StreamTest, FixedValuesHoldForEveryStreamOfTheRule) {
  egress.add_rule(0, {.ssrc = 0, .seq = 0, .ts = 0});
  for (const uint16_t port : {1, 2}) {
    const Rtp rtp = send_from_port(port);
    EXPECT_EQ(rtp.ssrc, 0U);
    EXPECT_EQ(rtp.sequence_number, 0);
    EXPECT_EQ(rtp.timestamp, 0U);
  }
}

struct FixedCase {
  const char* description;
  std::optional<uint32_t> ssrc, seq, ts;
};

TEST_P(StreamTest, EachFirstValueCanBeFixedAlone) {
  const FixedCase cases[] = {
      {"ssrc", 0xfedcba98, {}, {}}, {"seq", {}, 0xffff, {}}, {"ts", {}, {}, 0xffffffff}};
  for (const FixedCase& each : cases) {
    SCOPED_TRACE(each.description);
    egress.reset();
    egress.add_rule(0, {.ssrc = each.ssrc, .seq = each.seq, .ts = each.ts});
    const Rtp one = send_from_port(1), two = send_from_port(2);
    EXPECT_EQ(one.ssrc == two.ssrc, each.ssrc.has_value());
    EXPECT_EQ(one.timestamp == two.timestamp, each.ts.has_value());
    if (each.ssrc) {
      EXPECT_EQ(one.ssrc, 0xfedcba98U);
    }
    if (each.seq) {
      EXPECT_EQ(one.sequence_number, 0xffff);
    }
    if (each.ts) {
      EXPECT_EQ(one.timestamp, 0xffffffffU);
    }
  }
}

TEST_P(StreamTest, OctetsCountThePayloadWithoutHeaders) {
  // RFC 3550 6.4.1; an MPA header (RFC 2250 3.5) belongs to the payload, the extension does not.
  struct Case {
    zc_checksum way;
    uint8_t payload_header_bytes;
    uint64_t octets;
  };
  for (const Case& each : {Case{ZC_CHECKSUM_SUM, 0, 1100}, Case{ZC_CHECKSUM_LCO, 0, 1100},
                           Case{ZC_CHECKSUM_ZERO, 0, 1100}, Case{ZC_CHECKSUM_SUM, 4, 1108}}) {
    egress.reset();
    egress.add_rule(0, {.checksum = each.way, .payload_header_bytes = each.payload_header_bytes});
    send(packet(4).payload(pattern(100)));
    send(packet(4).payload(pattern(1000)));
    EXPECT_EQ(egress.streams().begin()->second.octets, each.octets);
  }
}

TEST_P(StreamTest, AStreamRemembersItsRuleSsrcAndLastTimestamp) {
  egress.add_rule(0, {.to = "10.9.0.2:5002"});
  egress.add_rule(7, {.ssrc = 0xcafef00d});
  send(packet(4));
  const Rtp last = send(packet(4));
  const zc_stream stream = egress.streams().begin()->second;
  EXPECT_EQ(stream.rule, 7U);
  EXPECT_EQ(stream.ssrc, 0xcafef00dU);
  EXPECT_EQ(stream.last_ts, last.timestamp);
  EXPECT_EQ(stream.state, unsigned{ZC_SLOT_USED});
}

TEST_P(StreamTest, APayloadTypeThatIsReplacedUnderTrafficKeepsTheStream) {
  egress.add_rule(0, {.payload_type = 33});
  const Rtp before = send(packet(4));
  zc_rule rule{};
  const unsigned zero = 0;
  ASSERT_TRUE(egress.read_rule(zero, rule));
  rule.options.how.payload_type = 96;
  egress.write_rule(zero, rule);
  const Rtp after = send(packet(4));
  EXPECT_EQ(after.payload_type, 96);
  EXPECT_EQ(after.ssrc, before.ssrc);
  EXPECT_EQ(after.sequence_number, before.sequence_number + 1);
}

TEST_P(StreamTest, TheMarkerBitIsNeverSet) {
  for (const uint8_t type : {0, 33, 96, 127}) {
    egress.reset();
    egress.add_rule(0, {.payload_type = type});
    const Rtp rtp = send(packet(4));
    EXPECT_FALSE(rtp.marker);
    EXPECT_EQ(rtp.payload_type, type);
  }
}

}  // namespace
}  // namespace zc::test
