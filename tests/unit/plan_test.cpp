// SPDX-License-Identifier: GPL-2.0-only
// From what is wanted and what is there to the steps: every state a device can be in.
#include "core/plan.h"

#include "expect.h"
#include "samples.h"

namespace zc::core {
namespace {

using Kind = Step::Kind;
using State = api::PinnedDevice::State;
using testing::ElementsAre;

std::vector<Kind> kinds(const Plan& plan) {
  std::vector<Kind> list;
  for (const Step& step : plan)
    list.push_back(step.kind);
  return list;
}

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
DeviceState other_version() {
  return {sample_pins(State::kOtherVersion, 2, "its pins have layout 9"), {}};
}

AttachWish wish(const zc_rule& rule, bool replace = false) {
  return {.dev = "eth0", .rule = rule, .hook = ZC_HOOK_TCX, .replace = replace};
}

zc_rule with_payload_type(zc_rule rule, uint8_t type) {
  rule.how.payload_type = type;
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
  EXPECT_TRUE(plan.empty());
}

TEST(PlanAttachTest, OtherOptionsAreRefusedUnlessReplaceIsGiven) {
  const DeviceState state = live({sample_rule(5002), sample_rule(5004)});
  const zc_rule changed = with_payload_type(sample_rule(5004), 96);
  expect_error(plan_attach(wish(changed), state), ErrorKind::kExists,
               "eth0 has a rule for 10.0.0.2:5004 with other options", "--replace");
  const Plan plan = value_of(plan_attach(wish(changed, true), state));
  ASSERT_THAT(kinds(plan), ElementsAre(Kind::kReplaceRule));
  EXPECT_EQ(plan[0].rule_id, 11U);
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
    AttachWish asked = wish(sample_rule(5004, 1));
    asked.hook = hook;
    const Plan plan = value_of(plan_attach(asked, none()));
    ASSERT_EQ(plan.size(), 3U);
    EXPECT_EQ(plan[1].text, "add rule 10.0.0.2:5004 from 10.0.0.1");
    EXPECT_EQ(plan[2].text, hook == ZC_HOOK_TCX ? "attach to tcx egress of eth0"
                                                : "attach to clsact egress of eth0");
  }
}

// --- detach ---------------------------------------------------------------------------------

DetachWish unwish(const std::optional<Match>& match) {
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
  EXPECT_EQ(plan[0].rule_id, 11U);
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
  EXPECT_EQ(plan[0].rule_id, 11U);
}

TEST(PlanDetachTest, PinsOfAnotherVersionAreNotTouched) {
  for (const auto& what : {std::optional<Match>(), std::optional(match("10.0.0.2:5004"))})
    expect_error(plan_detach(unwish(what), other_version()), ErrorKind::kFailed,
                 "eth0 is held by another version", "zcctl clean --force");
}

}  // namespace
}  // namespace zc::core
