// SPDX-License-Identifier: GPL-2.0-only
// Frames that no UDP socket makes: tags in the frame, padding, lengths that lie, checksum requests
// at wrong places.
#include <gtest/gtest.h>

#include "nic/nic_fixture.h"
#include "support/frame.h"

namespace zc::test {
namespace {

class RawFrameTest : public NicTest {
 protected:
  static FrameSpec spec_for(Family family, size_t payload_bytes, uint32_t seed) {
    return {.source = source_of(family),
            .destination = peer_of(family),
            .payload = random_bytes(payload_bytes, seed)};
  }

  static Wanted wanted(const FrameSpec& spec, Checksum checksum) {
    return {.checksum = checksum,
            .payload = spec.payload,
            .source = spec.source,
            .destination = spec.destination,
            .vlan_tags = spec.vlan_tags,
            .sender_made_checksum = spec.checksum != UdpChecksum::kNone};
  }

  void inject(ByteView frame, const std::optional<VnetHeader>& vnet = {}, uint16_t protocol = 0) {
    const int error = raw_.send(tap().ifindex(), frame, vnet, protocol);
    ASSERT_TRUE(error == 0 || error == ENOBUFS) << error;  // ENOBUFS: dropped at the hook
  }

  void expect_dropped(const char* counter, uint64_t before) {
    const std::vector<Frame> left = frames();
    EXPECT_TRUE(left.empty()) << describe(left.front());
    EXPECT_EQ(counters(), (Counters{{counter, before + 1}}));
  }

 private:
  FrameSocket raw_;
};

using UdpChecksum::kComplete;
using UdpChecksum::kNone;
using UdpChecksum::kPseudoHeader;

bool suits(UdpChecksum state, const Case& c) {
  return state != kNone || c.family == Family::kIpv4;
}

class EveryRawCase : public RawFrameTest, public testing::WithParamInterface<Case> {
 protected:
  const Case& c() const { return GetParam(); }

  void SetUp() override {
    make_tap({.tx_checksum = c().tx_checksum});
    attach(c());
  }

  FrameSpec make_spec(std::vector<uint16_t> tags, UdpChecksum state) const {
    FrameSpec spec = spec_for(c().family, 555, 61);
    spec.vlan_tags = std::move(tags);
    spec.checksum = state;
    return spec;
  }

  void inject_spec(const FrameSpec& spec, uint16_t protocol = 0) {
    const bool asks = spec.checksum == kPseudoHeader;
    inject(build_frame(spec), asks ? std::optional(request_checksum(spec)) : std::nullopt,
           protocol);
  }

  void expect_each_state_stamped(const std::vector<uint16_t>& tags) {
    uint64_t stamped = 0;
    for (const UdpChecksum state : {kComplete, kPseudoHeader, kNone}) {
      if (!suits(state, c())) continue;
      SCOPED_TRACE(state == kComplete ? "complete" : state == kNone ? "none" : "partial");
      const FrameSpec spec = make_spec(tags, state);
      inject_spec(spec);
      const auto frame = only_frame();
      if (frame) expect_stamped(*frame, wanted(spec, c().checksum));
      stamped++;
    }
    EXPECT_EQ(counters(), (Counters{{"stamped", stamped}}));
  }
};

TEST_P(EveryRawCase, AnInjectedFrameIsStampedWhateverTheStateOfItsChecksum) {
  expect_each_state_stamped({});
}

TEST_P(EveryRawCase, ATagInTheFrameStaysAndThePacketBehindItIsStamped) {
  expect_each_state_stamped({0x2064});
}

TEST_P(EveryRawCase, TwoTagsInTheFrameStayAndThePacketBehindThemIsStamped) {
  expect_each_state_stamped({100, 200});
}

TEST_P(EveryRawCase, AServiceTagStaysAServiceTag) {
  FrameSpec spec = make_spec({300, 400}, kComplete);
  spec.outer_tag_type = 0x88a8;
  inject_spec(spec);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  expect_stamped(*frame, wanted(spec, c().checksum));
  EXPECT_EQ(get_be16(frame->wire, 12), 0x88a8);
  EXPECT_EQ(get_be16(frame->wire, 16), 0x8100);
}

// An AF_PACKET sender may call a frame whatever it likes, and the kernel makes room where the IP
// header of that protocol would end. Right or dropped and counted, nothing between.
TEST_P(EveryRawCase, AFrameWithAMisleadingProtocolIsRightOrDropped) {
  uint64_t injected = 0;
  for (const uint16_t protocol : {0x0800, 0x86dd, 0x8100, 0x88a8, 0x0003, 0x1234}) {
    for (const std::vector<uint16_t>& tags : {std::vector<uint16_t>{}, {100}, {100, 200}}) {
      for (const UdpChecksum state : {kComplete, kPseudoHeader}) {
        SCOPED_TRACE("sll_protocol " + std::to_string(protocol) + ", " +
                     std::to_string(tags.size()) + " tags, " +
                     (state == kComplete ? "complete" : "partial"));
        const FrameSpec spec = make_spec(tags, state);
        inject_spec(spec, protocol);
        for (const Frame& frame : frames())
          expect_stamped(frame, wanted(spec, c().checksum));
        injected++;
      }
    }
  }
  uint64_t counted = 0;
  for (const auto& [name, count] : counters())
    counted += count;
  EXPECT_EQ(counted, injected);
}

TEST_P(EveryRawCase, AChecksumRequestAtAWrongPlaceIsDroppedAndCounted) {
  struct Place {
    int start;
    uint16_t offset;
  };
  // Counted from the UDP header: where a naive packetizer leaves it, one off, TCP's offset, others.
  constexpr std::array kPlaces{Place{12, 6}, Place{20, 6},  Place{1, 6}, Place{-1, 6},
                               Place{0, 16}, Place{0, 4},   Place{0, 7}, Place{0, 2},
                               Place{-8, 6}, Place{-14, 6}, Place{8, 6}, Place{0, 100}};
  uint64_t dropped = 0;
  for (const Place& place : kPlaces) {
    SCOPED_TRACE(std::to_string(place.start) + "+" + std::to_string(place.offset));
    const FrameSpec spec = make_spec({}, kPseudoHeader);
    VnetHeader request = request_checksum(spec);
    request.csum_start = static_cast<uint16_t>(request.csum_start + place.start);
    request.csum_offset = place.offset;
    inject(build_frame(spec), request);
    expect_dropped("checksum", dropped++);
  }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return name_of(info.param);
}

INSTANTIATE_TEST_SUITE_P(Nic, EveryRawCase, testing::ValuesIn(all_cases()), case_name);

TEST_F(RawFrameTest, ARequestedChecksumUnderSumIsFinishedBeforeItLeaves) {
  make_tap({.tx_checksum = false});
  attach({.checksum = Checksum::kSum, .tx_checksum = false});
  FrameSpec spec = spec_for(Family::kIpv4, 400, 65);
  spec.checksum = kPseudoHeader;
  inject(build_frame(spec), request_checksum(spec));
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  EXPECT_FALSE(frame->vnet.needs_checksum());
  expect_stamped(*frame, wanted(spec, Checksum::kSum));
}

// Frames below 60 bytes are often padded by whoever builds them.
TEST_F(RawFrameTest, EthernetPaddingBehindAShortDatagramStaysPadding) {
  for (const Checksum checksum : {Checksum::kLco, Checksum::kUni, Checksum::kZero}) {
    SCOPED_TRACE(to_string(checksum));
    make_tap();
    attach({.checksum = checksum});
    const FrameSpec spec = spec_for(Family::kIpv4, 5, 66);
    Bytes padded = build_frame(spec);
    padded.resize(60, 0xAA);
    inject(padded);
    const auto frame = only_frame();
    ASSERT_TRUE(frame);
    Wanted want = wanted(spec, checksum);
    want.trailer = true;
    expect_stamped(*frame, want);
    remove_rules();
  }
}

TEST_F(RawFrameTest, LengthsThatLieAreDroppedAndCounted) {
  make_tap();
  attach({.checksum = Checksum::kUni});
  const FrameSpec spec = spec_for(Family::kIpv4, 100, 67);
  const size_t ip = l3_offset(spec);
  const size_t udp = l4_offset(spec);
  uint64_t dropped = 0;
  const auto expect_malformed = [&](size_t field, uint16_t value) {
    SCOPED_TRACE("field at " + std::to_string(field) + " = " + std::to_string(value));
    Bytes frame = build_frame(spec);
    put_be16(frame, field, value);
    inject(frame);
    expect_dropped("malformed", dropped++);
  };
  for (const uint16_t length : {0, 7, 8, 107, 109, 65535})
    expect_malformed(udp + 4, length);
  for (const uint16_t length : {0, 19, 20, 27, 127, 129, 65535})
    expect_malformed(ip + 2, length);
}

// RFC 791: bit 13 says "more fragments", the offset counts 8 bytes.
Bytes fragment(const FrameSpec& spec, uint16_t id, uint16_t offset_and_flags) {
  Bytes frame = build_frame(spec);
  const size_t ip = l3_offset(spec);
  put_be16(frame, ip + 4, id);
  put_be16(frame, ip + 6, offset_and_flags);
  put_be16(frame, ip + 10, 0);
  put_be16(frame, ip + 10,
           static_cast<uint16_t>(~ones_complement_sum(ByteView(frame).subspan(ip, 20))));
  return frame;
}

TEST_F(RawFrameTest, LaterFragmentsShareTheFateOfTheirFirst) {
  constexpr uint16_t kMore = 0x2000;
  make_tap();
  attach({.checksum = Checksum::kUni});
  const FrameSpec ours = spec_for(Family::kIpv4, 100, 69);
  FrameSpec other = ours;
  other.destination = kStranger4;
  inject(fragment(other, 4000, kMore));
  inject(fragment(ours, 4001, kMore));
  inject(fragment(ours, 4001, kMore | 14));
  inject(fragment(ours, 4001, 28));
  inject(fragment(ours, 4000, 14));  // without ports: the id says that it is the other's
  const std::vector<Frame> left = frames();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].handed, fragment(other, 4000, kMore));
  EXPECT_EQ(left[1].handed, fragment(ours, 4000, 14));
  EXPECT_EQ(counters(), (Counters{{"fragment", 3}}));
}

TEST_F(RawFrameTest, EveryTruncationPassesUntouchedOrIsDropped) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    make_tap();
    attach({.family = family});
    const FrameSpec spec = spec_for(family, 40, 68);
    const Bytes whole = build_frame(spec);
    for (size_t length = 14; length < whole.size(); length++) {
      SCOPED_TRACE(length);
      const ByteView cut = ByteView(whole).first(length);
      inject(cut);
      for (const Frame& frame : frames()) {
        EXPECT_EQ(frame.handed, Bytes(cut.begin(), cut.end())) << describe(frame);
        EXPECT_LT(length, l4_offset(spec) + 4) << "it has ports, and they match the rule";
      }
    }
    remove_rules();
  }
}

}  // namespace
}  // namespace zc::test
