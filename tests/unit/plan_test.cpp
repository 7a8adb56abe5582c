// SPDX-License-Identifier: GPL-2.0-only
// Goes from what is wanted and what is there to the steps: every state a device can be in.
#include "core/plan.h"

#include "expect.h"
#include "out/steps.h"
#include "samples.h"
#include "steps.h"

namespace zc::core {
namespace {

using State = api::PinnedDevice::State;
using testing::ElementsAre;

DeviceState none() {
  return {};
}
DeviceState live(const std::vector<zc_rule>& rules) {
  DeviceState state{sample_pins(State::kLive), {}};
  for (const zc_rule& rule : rules)
    state.rules.push_back({.id = static_cast<uint32_t>(10 + state.rules.size()), .rule = rule});
  return state;
}
DeviceState leftover() {
  return {sample_pins(State::kLeftover, 2, "its device is gone"), {}};
}
DeviceState older(const std::vector<zc_rule>& rules) {
  DeviceState state = live(rules);
  state.pins = sample_pins(State::kOlder, 2, "its pins have layout 2");
  return state;
}
DeviceState other_version() {
  return {sample_pins(State::kOtherVersion, 2, "its pins have layout 9"), {}};
}

ResolvedAttach wish(const zc_rule& rule, bool replace = false) {
  ResolvedAttach wanted;
  wanted.device.name = "eth0";
  wanted.rule = rule;
  wanted.replace = replace;
  return wanted;
}

zc_rule with_payload_type(zc_rule rule, uint8_t type) {
  rule.options.how.payload_type = type;
  return rule;
}

TEST(PlanAttachTest, OnADeviceWithoutRulesTheProgramIsAttachedLast) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(sample_rule(5004)), none()))),
              ElementsAre(Kind::kLoad, Kind::kAddRule, Kind::kAttach));
}

TEST(PlanAttachTest, AnotherRuleIsOnlyAdded) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(sample_rule(5006)), live({sample_rule(5004)})))),
              ElementsAre(Kind::kAddRule));
  EXPECT_THAT(
      kinds(value_of(plan_attach(wish(sample_rule(5004, 3)), live({sample_rule(5004, 1)})))),
      ElementsAre(Kind::kAddRule));
  EXPECT_THAT(
      kinds(value_of(plan_attach(wish(sample_rule(5004, 1, 2)), live({sample_rule(5004, 1, 1)})))),
      ElementsAre(Kind::kAddRule));
}

TEST(PlanAttachTest, ALeftoverIsRemovedFirst) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(sample_rule(5004)), leftover()))),
              ElementsAre(Kind::kRemovePins, Kind::kLoad, Kind::kAddRule, Kind::kAttach));
}

TEST(PlanAttachTest, PinsOfAnotherVersionAreRefusedWithAWayOut) {
  for (const bool replace : {false, true}) {
    expect_error(plan_attach(wish(sample_rule(5004), replace), other_version()), ErrorKind::kFailed,
                 "eth0 is held by another version of zcctl: its pins have layout 9",
                 "zcctl clean --force");
  }
}

TEST(PlanAttachTest, TheSameRuleAgainIsRefusedWithExitCode5) {
  const auto plan = plan_attach(wish(sample_rule(5004)), live({sample_rule(5004)}));
  expect_error(plan, ErrorKind::kExists, "eth0 has this rule already: 10.0.0.2:5004");
}

TEST(PlanAttachTest, ToReplaceARuleByItselfIsDoneWithoutAStep) {
  const Plan plan = value_of(plan_attach(wish(sample_rule(5004), true), live({sample_rule(5004)})));
  EXPECT_TRUE(plan.steps.empty());
}

TEST(PlanAttachTest, OtherOptionsAreRefusedUnlessReplaceIsGiven) {
  const DeviceState state = live({sample_rule(5002), sample_rule(5004)});
  const zc_rule changed = with_payload_type(sample_rule(5004), 96);
  expect_error(plan_attach(wish(changed), state), ErrorKind::kExists,
               "eth0 has a rule for 10.0.0.2:5004 with other options", "--replace");
  const Plan plan = value_of(plan_attach(wish(changed, true), state));
  ASSERT_THAT(kinds(plan), ElementsAre(Kind::kReplaceRule));
  EXPECT_EQ(std::get<step::ReplaceRule>(plan.steps[0]).id, 11U);
}

// The device's offload was switched, or an older zcctl chose: `auto` was said both times.
TEST(PlanAttachTest, AChecksumWayThatAutoChoosesAnewIsChangedWithoutReplace) {
  const zc_rule old = sample_rule(5004);
  zc_rule anew = old;
  anew.options.how.checksum = ZC_CHECKSUM_SUM;
  EXPECT_THAT(kinds(value_of(plan_attach(wish(anew), live({old})))),
              ElementsAre(Kind::kReplaceRule));
  anew.options.how.flags = 0;  // the operator asked for it this time
  expect_error(plan_attach(wish(anew), live({old})), ErrorKind::kExists, "with other options",
               "--replace");
  zc_rule asked = old;
  asked.options.how.flags = 0;
  expect_error(plan_attach(wish(old), live({asked})), ErrorKind::kExists, "with other options",
               "--replace");
}

// An older zcctl had no other clock, made no reports, and did not note what an SDP calls it.
TEST(PlanAttachTest, AClockThatAutoChoosesAnewIsChangedWithoutReplace) {
  const zc_rule old = sample_rule(5004);
  zc_rule anew = old;
  anew.options.how.timestamp = ZC_TIMESTAMP_PCR;
  anew.options.how.rtcp = ZC_RTCP_ON;
  anew.options.how.media = ZC_MEDIA_VIDEO;
  EXPECT_THAT(kinds(value_of(plan_attach(wish(anew), live({old})))),
              ElementsAre(Kind::kReplaceRule));
  for (const int asked : {ZC_RULE_TIMESTAMP_AUTO, ZC_RULE_RTCP_AUTO}) {
    zc_rule said = anew;
    said.options.how.flags = static_cast<uint8_t>(said.options.how.flags & ~asked);
    expect_error(plan_attach(wish(said), live({old})), ErrorKind::kExists, "with other options",
                 "--replace");
    expect_error(plan_attach(wish(anew), live({said})), ErrorKind::kExists, "with other options",
                 "--replace");
  }
  zc_rule other_pid = anew;
  other_pid.options.pcr_pid = 256;
  expect_error(plan_attach(wish(other_pid), live({old})), ErrorKind::kExists, "with other options",
               "--replace");
  zc_rule nameless = old;
  nameless.options.payload_name[0] = '\0';
  anew = nameless;
  anew.options.how.media = ZC_MEDIA_AUDIO;
  expect_error(plan_attach(wish(anew), live({nameless})), ErrorKind::kExists, "with other options",
               "--replace");
}

TEST(PlanAttachTest, WhatAnOlderVersionLeftInForceIsTakenOverFirst) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(sample_rule(5006)), older({sample_rule(5004)})))),
              ElementsAre(Kind::kTakeOver, Kind::kAddRule));
  const Plan same = value_of(plan_attach(wish(sample_rule(5004)), older({sample_rule(5004)})));
  EXPECT_THAT(kinds(same), ElementsAre(Kind::kTakeOver));
  EXPECT_EQ(out::steps_text(same)[0],
            "take over the rules and streams of eth0 (its pins have layout 2)");
}

struct Overlapping {
  zc_rule there, wanted;
  const char* named;
};

TEST(PlanAttachTest, ARuleThatMeetsAnothersPacketsIsRefusedAndTheOtherIsNamed) {
  const Overlapping cases[] = {
      {sample_rule(5004), sample_rule(5004, 1), "packets of rule 10.0.0.2:5004 on eth0"},
      {sample_rule(5004, 1), sample_rule(5004), "rule 10.0.0.2:5004 from 10.0.0.1 on eth0"},
      {sample_rule(5004, 1), sample_rule(5004, 1, 9), "rule 10.0.0.2:5004 from 10.0.0.1 on eth0"},
      {sample_rule(5004, 1, 9), sample_rule(5004, 1), "rule 10.0.0.2:5004 from 10.0.0.1:9 on eth0"},
  };
  for (const Overlapping& each : cases) {
    for (const bool replace : {false, true}) {
      const auto plan =
          plan_attach(wish(each.wanted, replace), live({sample_rule(4000), each.there}));
      expect_error(plan, ErrorKind::kExists, each.named, "--from");
    }
  }
}

TEST(PlanAttachTest, ReplaceOfARuleThatIsNotThereAddsIt) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(sample_rule(5004), true), none()))),
              ElementsAre(Kind::kLoad, Kind::kAddRule, Kind::kAttach));
}

TEST(PlanAttachTest, TheStepsAreToldInWords) {
  for (const zc_hook hook : {ZC_HOOK_TCX, ZC_HOOK_CLSACT}) {
    ResolvedAttach asked = wish(sample_rule(5004, 1));
    asked.options.hook = hook;
    const Plan plan = value_of(plan_attach(asked, none()));
    ASSERT_EQ(plan.steps.size(), 3U);
    EXPECT_EQ(
        out::steps_text(plan)[1],
        "add rule 10.0.0.2:5004 from 10.0.0.1: MP2T pt 33 clock 90000, timestamp wall (auto), "
        "checksum lco (auto), rtcp off (auto)");
    EXPECT_EQ(out::steps_text(plan)[2], hook == ZC_HOOK_TCX ? "attach to tcx egress of eth0"
                                                            : "attach to clsact egress of eth0");
  }
}

// --- detach ---------------------------------------------------------------------------------

DetachRequest unwish(const std::optional<Match>& match) {
  return {"eth0", match};
}
Match match(const std::string& to, const std::string& from = "") {
  return value_of(parse_match(to, from));
}

TEST(PlanDetachTest, TheLastRuleTakesEverythingWithIt) {
  EXPECT_THAT(
      kinds(value_of(plan_detach(unwish(match("10.0.0.2:5004")), live({sample_rule(5004)})))),
      ElementsAre(Kind::kRemovePins));
}

TEST(PlanDetachTest, OneOfSeveralRulesGoesAlone) {
  const Plan plan = value_of(
      plan_detach(unwish(match("10.0.0.2:5004")), live({sample_rule(5002), sample_rule(5004)})));
  ASSERT_THAT(kinds(plan), ElementsAre(Kind::kRemoveRule));
  EXPECT_EQ(std::get<step::RemoveRule>(plan.steps[0]).id, 11U);
}

TEST(PlanDetachTest, AllRulesGoTogether) {
  EXPECT_THAT(
      kinds(value_of(plan_detach(unwish({}), live({sample_rule(5002), sample_rule(5004)})))),
      ElementsAre(Kind::kRemovePins));
}

TEST(PlanDetachTest, ALeftoverIsRemovedWhateverWasAsked) {
  EXPECT_THAT(kinds(value_of(plan_detach(unwish({}), leftover()))), ElementsAre(Kind::kRemovePins));
  EXPECT_THAT(kinds(value_of(plan_detach(unwish(match("10.0.0.2:5004")), leftover()))),
              ElementsAre(Kind::kRemovePins));
}

TEST(PlanDetachTest, WhatIsNotThereCannotBeRemoved) {
  expect_error(plan_detach(unwish({}), none()), ErrorKind::kNotFound, "no rules on eth0",
               "zcctl show");
  expect_error(plan_detach(unwish(match("10.0.0.2:5004")), none()), ErrorKind::kNotFound,
               "no rules on eth0", "zcctl show");
  expect_error(plan_detach(unwish(match("10.0.0.2:5005")), live({sample_rule(5004)})),
               ErrorKind::kNotFound, "eth0 has no rule 10.0.0.2:5005", "zcctl show eth0");
}

TEST(PlanDetachTest, TheSourceIsPartOfARulesName) {
  const DeviceState state = live({sample_rule(5004, 1), sample_rule(5004, 3)});
  expect_error(plan_detach(unwish(match("10.0.0.2:5004")), state), ErrorKind::kNotFound,
               "eth0 has no rule 10.0.0.2:5004", "--from");
  const Plan plan = value_of(plan_detach(unwish(match("10.0.0.2:5004", "10.0.0.3")), state));
  ASSERT_THAT(kinds(plan), ElementsAre(Kind::kRemoveRule));
  EXPECT_EQ(std::get<step::RemoveRule>(plan.steps[0]).id, 11U);
}

TEST(PlanDetachTest, WhatAnOlderVersionLeftInForceIsTakenOverWhereSomeOfItStays) {
  const DeviceState state = older({sample_rule(5002), sample_rule(5004)});
  EXPECT_THAT(kinds(value_of(plan_detach(unwish(match("10.0.0.2:5004")), state))),
              ElementsAre(Kind::kTakeOver, Kind::kRemoveRule));
  EXPECT_THAT(kinds(value_of(plan_detach(unwish({}), state))), ElementsAre(Kind::kRemovePins))
      << "what goes altogether is not taken over first";
}

TEST(PlanDetachTest, PinsOfAnotherVersionAreNotTouched) {
  for (const auto& what : {std::optional<Match>(), std::optional(match("10.0.0.2:5004"))})
    expect_error(plan_detach(unwish(what), other_version()), ErrorKind::kFailed,
                 "eth0 is held by another version", "zcctl clean --force");
}

}  // namespace
}  // namespace zc::core
