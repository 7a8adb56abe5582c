// SPDX-License-Identifier: GPL-2.0-only
// --rate: when the queue is made, changed and removed, and where it is refused.
#include "core/pace.h"

#include <net/if_arp.h>

#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "out/steps.h"
#include "samples.h"
#include "steps.h"

namespace zc::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr uint32_t kDevice = 2, kQueue = 77;

api::Device eth0() {
  api::Device device;
  device.name = "eth0";
  device.ifindex = kDevice;
  return device;
}

// Rules of the ids 10, 11, …; those that are paced have their class.
DeviceState live(const std::vector<zc_rule>& rules, zc_pace_kind kind = ZC_PACE_KIND_HTB) {
  DeviceState state{sample_pins(api::PinnedDevice::State::kLive), {}};
  api::PaceQueue queue;
  queue.ifindex = kQueue;
  queue.kind = kind;
  queue.works = true;
  for (const zc_rule& rule : rules) {
    const auto id = static_cast<uint32_t>(10 + state.rules.size());
    state.rules.push_back({.id = id, .rule = rule});
    if (!is_paced(rule)) continue;
    state.meta.pace = kQueue;
    state.pace = queue;
    if (kind == ZC_PACE_KIND_HTB) queue.classes.push_back({id, rule.options.rate_bps, {}});
    state.pace = queue;
  }
  return state;
}

Plan attach_plan(const zc_rule& rule, const DeviceState& state) {
  ResolvedAttach wanted;
  wanted.device = eth0();
  wanted.rule = rule;
  wanted.replace = true;
  return value_of(plan_attach(wanted, state));
}

Plan detach_plan(uint16_t port, const DeviceState& state) {
  return value_of(plan_detach({"eth0", to_match(sample_rule(port).match)}, state));
}

TEST(PacePlanTest, OneRuleWithRateHasItsQueueBeforeItsFirstPacket) {
  EXPECT_THAT(
      kinds(attach_plan(paced(sample_rule(5004)), {})),
      ElementsAre(Kind::kLoad, Kind::kMakePace, Kind::kSetRate, Kind::kAddRule, Kind::kAttach));
}

TEST(PacePlanTest, WithoutRateThereIsNone) {
  EXPECT_THAT(kinds(attach_plan(sample_rule(5004), {})),
              ElementsAre(Kind::kLoad, Kind::kAddRule, Kind::kAttach));
}

TEST(PacePlanTest, ASecondOneOnlyGetsItsRate) {
  const Plan plan = attach_plan(paced(sample_rule(5006)), live({paced(sample_rule(5004))}));
  EXPECT_THAT(kinds(plan), ElementsAre(Kind::kSetRate, Kind::kAddRule));
  const auto& step = std::get<step::SetRate>(plan.steps.at(0));
  EXPECT_EQ(step.id, 0U) << "the smallest id that is free, as the table gives it";
}

TEST(PacePlanTest, AnotherRateIsSetBeforeTheRuleSaysIt) {
  const Plan plan =
      attach_plan(paced(sample_rule(5004), 2'000'000), live({paced(sample_rule(5004))}));
  EXPECT_THAT(kinds(plan), ElementsAre(Kind::kSetRate, Kind::kReplaceRule));
  const auto& step = std::get<step::SetRate>(plan.steps.at(0));
  EXPECT_EQ(step.id, 10U);
  EXPECT_EQ(step.rule.options.rate_bps, 2'000'000U);
}

TEST(PacePlanTest, TheSameRateNeedsNoStep) {
  EXPECT_THAT(kinds(attach_plan(paced(sample_rule(5004)), live({paced(sample_rule(5004))}))),
              IsEmpty());
  // A class counts whole bytes.
  DeviceState state = live({paced(sample_rule(5004), 1'000'001)});
  state.pace->classes.at(0).rate_bps = 1'000'000;
  EXPECT_THAT(kinds(attach_plan(paced(sample_rule(5004), 1'000'001), state)), IsEmpty());
}

TEST(PacePlanTest, WithDepartureTimesThereIsNoRateToSet) {
  const auto fq = ZC_PACE_KIND_FQ;
  EXPECT_THAT(kinds(attach_plan(paced(sample_rule(5006)), live({paced(sample_rule(5004))}, fq))),
              ElementsAre(Kind::kAddRule));
  EXPECT_THAT(kinds(attach_plan(paced(sample_rule(5004), 0), live({paced(sample_rule(5004))}, fq))),
              ElementsAre(Kind::kReplaceRule));
}

TEST(PacePlanTest, TheLastRateTakesTheQueueWithIt) {
  const DeviceState state = live({paced(sample_rule(5004)), sample_rule(5006)});
  for (const Plan& plan : {attach_plan(sample_rule(5004), state), detach_plan(5004, state)}) {
    ASSERT_THAT(plan.steps, SizeIs(2));
    EXPECT_TRUE(std::get<step::TrimPace>(plan.steps.at(1)).last);
  }
}

TEST(PacePlanTest, OneRateOfTwoTakesItsClassOnly) {
  const DeviceState state = live({paced(sample_rule(5004)), paced(sample_rule(5006))});
  const Plan plan = detach_plan(5004, state);
  EXPECT_THAT(kinds(plan), ElementsAre(Kind::kRemoveRule, Kind::kTrimPace));
  EXPECT_FALSE(std::get<step::TrimPace>(plan.steps.at(1)).last);
}

TEST(PacePlanTest, ALostQueueIsMadeAgainForAllByWhateverAttachComes) {
  DeviceState state = live({paced(sample_rule(5004)), paced(sample_rule(5006))});
  const auto mended = ElementsAre(Kind::kMakePace, Kind::kSetRate, Kind::kSetRate, Kind::kAddRule);
  state.pace->works = false;
  EXPECT_THAT(kinds(attach_plan(sample_rule(5008), state)), mended);
  state.pace->works = true;
  state.meta.pace = kQueue - 1;  // somebody deleted the one that the program knows
  EXPECT_THAT(kinds(attach_plan(sample_rule(5008), state)), mended);
  state.pace.reset();
  EXPECT_THAT(kinds(attach_plan(sample_rule(5008), state)), mended);
}

TEST(PacePlanTest, AClassThatSomebodyTookAwayOrChangedIsSetAgain) {
  DeviceState state = live({paced(sample_rule(5004))});
  state.pace->classes.at(0).rate_bps = 1'000;
  EXPECT_THAT(kinds(attach_plan(paced(sample_rule(5004)), state)), ElementsAre(Kind::kSetRate));
  state.pace->classes.clear();
  EXPECT_THAT(kinds(attach_plan(paced(sample_rule(5004)), state)), ElementsAre(Kind::kSetRate));
}

TEST(PacePlanTest, WhatAKilledZcctlLeftIsRemovedByTheNext) {
  DeviceState state = live({paced(sample_rule(5004))});
  state.pace->classes.push_back({3, 8'000'000, {}});
  EXPECT_THAT(kinds(attach_plan(sample_rule(5006), state)),
              ElementsAre(Kind::kAddRule, Kind::kTrimPace));
  state.rules.at(0).rule = sample_rule(5004);
  EXPECT_THAT(kinds(attach_plan(sample_rule(5006), state)),
              ElementsAre(Kind::kAddRule, Kind::kTrimPace));
}

// --- on a kernel in memory --------------------------------------------------------------------

AttachRequest request(uint16_t port, uint64_t bps, bool replace = false) {
  AttachRequest wanted;
  wanted.dev = "eth0";
  wanted.spec.match.to = value_of(parse_to("10.0.0.2:" + std::to_string(port)));
  wanted.spec.payload = *find_payload(33, 90000);
  wanted.spec.pace = {bps ? ZC_PACE_RATE : ZC_PACE_NONE, bps};
  wanted.replace = replace;
  return wanted;
}

TEST(PaceHostTest, AttachReplaceAndDetachLeaveTheQueueThatTheRulesWant) {
  FakeHost host;
  EXPECT_TRUE(attach(host, request(5004, 8'000'000), Run::kReally));
  ASSERT_THAT(host.paces, SizeIs(1));
  const uint32_t ifindex = host.paces.begin()->first;
  EXPECT_TRUE(attach(host, request(5006, 2'000'000), Run::kReally));
  EXPECT_TRUE(attach(host, request(5004, 4'000'000, true), Run::kReally));
  ASSERT_THAT(host.paces.at(ifindex).classes, SizeIs(2));
  EXPECT_EQ(host.paces.at(ifindex).classes.back().rate_bps, 4'000'000U);
  EXPECT_TRUE(attach(host, request(5004, 0, true), Run::kReally));
  EXPECT_THAT(host.paces.at(ifindex).classes, SizeIs(1));
  EXPECT_TRUE(detach(host, {"eth0", to_match(sample_rule(5006).match)}, Run::kReally));
  EXPECT_THAT(host.paces, IsEmpty());
}

// Whatever call fails, an attach that fails leaves rules and queue as they were.
TEST(PaceHostTest, WhateverFailsTheQueueIsAsTheRulesSay) {
  for (const bool first : {true, false}) {
    for (int call = 1;; call++) {
      SCOPED_TRACE(call);
      FakeHost host;
      EXPECT_TRUE(attach(host, request(5006, first ? 0 : 2'000'000), Run::kReally));
      if (!first) {
        EXPECT_TRUE(attach(host, request(5004, 8'000'000), Run::kReally));
      }
      const auto before = host.in_force();
      const int calls = host.fallible_calls();
      host.fail_at(calls + call);
      const auto done = attach(host, request(5004, 4'000'000, true), Run::kReally);
      if (host.fallible_calls() < calls + call) {
        EXPECT_GT(call, 10) << "it fails nowhere";
        break;
      }
      if (done) continue;  // a call that it can do without
      EXPECT_EQ(host.in_force(), before);
      EXPECT_THAT(host.paces, SizeIs(first ? 0 : 1));
      for (const auto& [ifindex, queue] : host.paces) {
        EXPECT_THAT(queue.classes, SizeIs(2));
        for (const api::PaceClass& each : queue.classes)
          EXPECT_EQ(each.rate_bps, each.rule == 0 ? 2'000'000U : 8'000'000U);
      }
    }
  }
}

TEST(PaceHostTest, CleanGivesARuleTheRateBackThatAKilledZcctlChanged) {
  FakeHost host;
  EXPECT_TRUE(attach(host, request(5004, 8'000'000), Run::kReally));
  host.paces.begin()->second.classes.at(0).rate_bps = 1'000;
  host.paces.begin()->second.classes.push_back({7, 1'000, {}});
  EXPECT_TRUE(clean(host, false, Run::kReally));
  ASSERT_THAT(host.paces.begin()->second.classes, SizeIs(1));
  EXPECT_EQ(host.paces.begin()->second.classes.at(0).rate_bps, 8'000'000U);
}

TEST(PaceRefusalTest, WhereNoMacvlanCanBe) {
  api::Device device = eth0();
  device.link_type = ARPHRD_ETHER;
  EXPECT_TRUE(check_pace(device));
  device.loopback = true;
  expect_error(check_pace(device), ErrorKind::kUnsupported,
               "packets cannot be paced on eth0: the loopback device cannot carry a macvlan", "");
  device.loopback = false;
  device.link_type = ARPHRD_NONE;
  expect_error(check_pace(device), ErrorKind::kUnsupported, "it carries bare IP", "");
}

TEST(PaceRefusalTest, AutoNeedsDepartureTimes) {
  EXPECT_TRUE(check_pace_kind(ZC_PACE_KIND_FQ, true));
  EXPECT_TRUE(check_pace_kind(ZC_PACE_KIND_HTB, false));
  expect_error(check_pace_kind(ZC_PACE_KIND_HTB, true), ErrorKind::kUnsupported, "--rate auto",
               "--rate BPS");
  expect_error(check_pace_kind(ZC_PACE_KIND_NONE, false), ErrorKind::kUnsupported, "HTB", "sch_fq");
}

}  // namespace
}  // namespace zc::core
