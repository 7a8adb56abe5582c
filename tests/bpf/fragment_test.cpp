// SPDX-License-Identifier: GPL-2.0-only
// Fragments: the first one has ports and matches a rule, the others follow it for a second.
#include "fixture.h"
#include "packet_builder.h"

namespace zc::test {
namespace {

class FragmentTest : public EgressTest {};
ZC_EGRESS_TESTS(FragmentTest);

constexpr uint64_t kSecond = 1'000'000'000;

// RFC 8200 4.5: offset in eights, more, identification.
Bytes fragment_body(uint16_t offset_bytes, bool more, uint8_t id) {
  return {static_cast<uint8_t>(offset_bytes >> 8),
          static_cast<uint8_t>((offset_bytes & 0xf8) | (more ? 1 : 0)),
          0,
          0,
          0,
          id};
}

Bytes ipv4_fragment(uint16_t offset, bool more, uint16_t id = 7) {
  PacketBuilder builder = packet(4).fragment(offset, more).id(id).payload(pattern(64));
  if (offset > 0) builder.without_udp_header();
  return builder.build();
}

Bytes ipv6_fragment(uint16_t offset, bool more, uint8_t id = 7) {
  PacketBuilder builder =
      packet(6).extension(kFragment, fragment_body(offset, more, id)).payload(pattern(64));
  if (offset > 0) builder.without_udp_header();
  return builder.build();
}

TEST_P(FragmentTest, TheWholeDatagramIsDroppedUnderTheRuleOfItsFirstFragment) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  expect_dropped(ipv4_fragment(0, true), "fragment");
  expect_dropped(ipv4_fragment(72, true), "fragment");
  expect_dropped(ipv4_fragment(136, false), "fragment");

  egress.reset();
  egress.add_rule(0, {.to = "[2001:db8::2]:5004"});
  expect_dropped(ipv6_fragment(0, true), "fragment");
  expect_dropped(ipv6_fragment(72, true), "fragment");
  expect_dropped(ipv6_fragment(136, false), "fragment");
}

TEST_P(FragmentTest, LaterFragmentsOfOtherDatagramsLeaveUntouched) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  expect_dropped(ipv4_fragment(0, true), "fragment");
  expect_untouched(ipv4_fragment(72, false, 8));
  expect_untouched(packet(4).from("10.9.0.9", 1).fragment(72, false).build());
  expect_untouched(packet(4).to("10.9.0.9", 5004).fragment(72, false).build());
  expect_untouched(ipv6_fragment(72, false));
}

TEST_P(FragmentTest, TheFragmentsOfOtherFlowsAllLeaveUntouched) {
  egress.add_rule(0, {.to = "10.9.0.2:5006"});
  expect_untouched(ipv4_fragment(0, true));
  expect_untouched(ipv4_fragment(72, false));
}

TEST_P(FragmentTest, AFirstFragmentIsForgottenAfterASecond) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  expect_dropped(ipv4_fragment(0, true), "fragment");
  egress.age_fragments(kSecond / 2);
  expect_dropped(ipv4_fragment(72, false), "fragment");
  egress.age_fragments(kSecond / 2);
  expect_untouched(ipv4_fragment(136, false));
}

TEST_P(FragmentTest, AnIdentificationThatIsUsedAgainIsRememberedAgain) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  expect_dropped(ipv4_fragment(0, true), "fragment");
  egress.age_fragments(2 * kSecond);
  expect_dropped(ipv4_fragment(0, true), "fragment");
  expect_dropped(ipv4_fragment(72, false), "fragment");
}

// RFC 8200 4.5: the next header of the fragment at offset 0 is the one that counts; that of the
// others may be anything.
TEST_P(FragmentTest, TheNextHeaderOfALaterIpv6FragmentDoesNotMatter) {
  egress.add_rule(0, {.to = "[2001:db8::2]:5004"});
  const Bytes first = packet(6)
                          .extension(kFragment, fragment_body(0, true, 7))
                          .extension(kDestOptions, {1, 4, 0, 0, 0, 0})
                          .payload(pattern(64))
                          .build();
  expect_dropped(first, "fragment");
  const Bytes later = packet(6)
                          .extension(kFragment, fragment_body(80, false, 7))
                          .protocol(kDestOptions)
                          .without_udp_header()
                          .build();
  expect_dropped(later, "fragment");
}

}  // namespace
}  // namespace zc::test
