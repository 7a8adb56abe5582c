// SPDX-License-Identifier: GPL-2.0-only
// `detach` on a kernel in memory.
#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

DetachRequest one(const std::string& to, const std::string& from = "") {
  return {"eth0", value_of(parse_match(to, from))};
}
DetachRequest all(const std::string& dev = "eth0") {
  return {dev, {}};
}

TEST(DetachTest, OneRuleGoesAndTheOthersStay) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004), sample_rule(5006)});
  value_of(detach(host, one("10.0.0.2:5004"), Run::kReally));
  EXPECT_THAT(host.in_force().at(2), ElementsAre("10.0.0.2:5006 pt 33"));
  EXPECT_THAT(host.calls, Not(Contains("remove")));
}

TEST(DetachTest, TheLastRuleTakesPinsAndProgramWithIt) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.put_live("eth1", {sample_rule(5004)});
  value_of(detach(host, one("10.0.0.2:5004"), Run::kReally));
  EXPECT_FALSE(host.pins.contains(2));
  EXPECT_TRUE(host.pins.contains(3));
}

TEST(DetachTest, AllRulesOfADeviceGo) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004), sample_rule(5006)});
  value_of(detach(host, all(), Run::kReally));
  EXPECT_THAT(host.pins, IsEmpty());
}

TEST(DetachTest, ADryRunChangesNothing) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  EXPECT_EQ(value_of(detach(host, all(), Run::kDry)).steps.size(), 1U);
  EXPECT_THAT(host.in_force().at(2), ElementsAre("10.0.0.2:5004 pt 33"));
}

TEST(DetachTest, WhatIsNotThereIsReportedWithExitCode5) {
  FakeHost host;
  expect_error(detach(host, all(), Run::kReally), ErrorKind::kNotFound, "no rules on eth0", "show");
  expect_error(detach(host, all("eth9"), Run::kReally), ErrorKind::kNotFound, "no device 'eth9'");
  host.put_live("eth0", {sample_rule(5004)});
  expect_error(detach(host, one("10.0.0.2:5005"), Run::kReally), ErrorKind::kNotFound,
               "eth0 has no rule 10.0.0.2:5005", "show");
  EXPECT_THAT(host.in_force().at(2), ElementsAre("10.0.0.2:5004 pt 33"));
}

TEST(DetachTest, ADeviceThatIsGoneIsFoundByTheNameItsPinsRemember) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.devices.erase("eth0");
  host.pins.at(2).device_gone = true;
  value_of(detach(host, all("eth0"), Run::kReally));
  EXPECT_THAT(host.pins, IsEmpty());
}

TEST(DetachTest, ADeviceThatWasMadeAgainHasNoRulesAndKeepsNoLeftoverInItsWay) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.pins.at(2).device_gone = true;
  host.devices["eth0"].ifindex = 7;
  expect_error(detach(host, all("eth0"), Run::kReally), ErrorKind::kNotFound, "no rules on eth0",
               "show");
  EXPECT_TRUE(host.pins.contains(2)) << "`clean` removes it";
}

TEST(DetachTest, AnotherVersionsPinsAreNotTouched) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.pins.at(2).other_version = true;
  expect_error(detach(host, all(), Run::kReally), ErrorKind::kFailed, "another version",
               "clean --force");
  EXPECT_TRUE(host.pins.contains(2));
}

// Detaching can stop half way, but then another detach, or clean, can finish it.
TEST(DetachTest, AFailureAtAnyCallCanBeFinishedByTheNextDetach) {
  for (int call = 1;; call++) {
    SCOPED_TRACE("call " + std::to_string(call) + " fails");
    FakeHost host;
    host.put_live("eth0", {sample_rule(5004)});
    host.fail_at(call);
    const auto plan = detach(host, one("10.0.0.2:5004"), Run::kReally);
    if (host.fallible_calls() < call) {
      EXPECT_TRUE(plan);
      break;
    }
    ASSERT_FALSE(plan);
    EXPECT_FALSE(host.locked());
    host.fail_at(0);
    value_of(detach(host, one("10.0.0.2:5004"), Run::kReally));
    EXPECT_THAT(host.pins, IsEmpty());
  }
}

}  // namespace
}  // namespace zc::core
