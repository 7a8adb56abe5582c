// SPDX-License-Identifier: GPL-2.0-only
// Commands on targets, on a kernel in memory that fails at every call in turn.
#include "core/target_commands.h"
#include "expect.h"
#include "fake_host.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kPath = "/sys/fs/cgroup/media";
constexpr const char* kName = "cgroup:/sys/fs/cgroup/media";

api::FramedRule sample_framed(uint16_t port, uint32_t bytes = 1316) {
  api::FramedRule rule{sample_rule(port), {}};
  rule.framing.bytes = bytes;
  rule.framing.kind = ZC_FRAMING_RFC4571;
  return rule;
}

TargetAttachRequest attach_words(uint16_t port = 5004, uint32_t bytes = 1316) {
  return {kName, {sample_framed(port, bytes)}};
}
TargetDetachRequest detach_all(api::Living living = api::Living::kStayFramed) {
  return {kName, {{}, living}};
}
TargetDetachRequest detach_one(uint16_t port) {
  return {kName, {to_match(sample_framed(port).rule.match)}};
}

class TargetTest : public testing::Test {
 protected:
  TargetTest() { host.cgroups[kPath] = 7; }
  FakeTargetPins& there() { return host.targets.at(7); }
  FakeHost host;
};

TEST_F(TargetTest, TheFirstRuleLoadsAndAttachesLast) {
  value_of(attach_target(host, attach_words(), Run::kReally));
  EXPECT_TRUE(there().attached);
  EXPECT_THAT(there().rules, SizeIs(1));
  EXPECT_EQ(host.calls.back(), "attach_target");
}

TEST_F(TargetTest, AnotherRuleLoadsNothing) {
  host.put_target(kPath, {sample_framed(5004)});
  value_of(attach_target(host, attach_words(5006), Run::kReally));
  EXPECT_THAT(there().rules, SizeIs(2));
  EXPECT_THAT(host.calls, Not(Contains("create_target")));
  EXPECT_THAT(host.calls, Not(Contains("attach_target")));
}

TEST_F(TargetTest, TheSameRuleAgainIsThereAlreadyAndReplaceChangesIt) {
  host.put_target(kPath, {sample_framed(5004)});
  expect_error(attach_target(host, attach_words(), Run::kReally), ErrorKind::kExists,
               "has this rule already");
  expect_error(attach_target(host, attach_words(5004, 188), Run::kReally), ErrorKind::kExists,
               "with other options", "--replace");
  TargetAttachRequest request = attach_words(5004, 188);
  request.wanted.replace = true;
  value_of(attach_target(host, request, Run::kReally));
  EXPECT_EQ(there().rules.at(0).framing.bytes, 188U);
  EXPECT_THAT(value_of(attach_target(host, request, Run::kReally)).plan.steps, IsEmpty());
}

TEST_F(TargetTest, AKernelThatCannotFrameIsRefusedBeforeAnythingIsDone) {
  host.kernel_features.no_framing = "needs Linux 6.5";
  expect_error(attach_target(host, attach_words(), Run::kReally), ErrorKind::kUnsupported, "6.5");
  EXPECT_THAT(host.targets, IsEmpty());
}

TEST_F(TargetTest, ACgroupThatIsNotThereIsNamed) {
  host.cgroups.clear();
  expect_error(attach_target(host, attach_words(), Run::kReally), ErrorKind::kNotFound, kPath);
  expect_error(detach_target(host, detach_all(), Run::kReally), ErrorKind::kNotFound, kPath);
  expect_error(status(host, kName), ErrorKind::kNotFound, kPath);
}

TEST_F(TargetTest, TablesKeepTheirSize) {
  host.put_target(kPath, {sample_framed(5004)});
  TargetAttachRequest request = attach_words(5006);
  request.wanted.max_streams = 100;
  expect_error(attach_target(host, request, Run::kReally), ErrorKind::kExists, "65536", "detach");
}

TEST_F(TargetTest, TheSameRuleAboveOrBelowIsRefused) {
  host.put_target("/sys/fs/cgroup", {sample_framed(5004)});
  expect_error(attach_target(host, attach_words(), Run::kReally), ErrorKind::kExists,
               "cgroup:/sys/fs/cgroup", "detach");
  value_of(attach_target(host, attach_words(5006), Run::kReally));
  host.targets.clear();
  host.put_target("/sys/fs/cgroup/media2", {sample_framed(5004)});  // beside it
  value_of(attach_target(host, attach_words(), Run::kReally));
}

TEST_F(TargetTest, AProgramThatWasTakenOffIsAttachedAgainWithAllRules) {
  host.put_target(kPath, {sample_framed(5004)}).taken_off = true;
  value_of(attach_target(host, attach_words(), Run::kReally));
  EXPECT_FALSE(there().taken_off);
  EXPECT_THAT(there().rules, SizeIs(1));
}

TEST_F(TargetTest, ALeftoverIsRemovedFirst) {
  host.put_target(kPath, {sample_framed(5006)}).attached = false;
  value_of(attach_target(host, attach_words(), Run::kReally));
  EXPECT_THAT(there().rules, SizeIs(1));
  EXPECT_EQ(to_match(there().rules.at(0).rule.match).text(), "10.0.0.2:5004");
}

TEST_F(TargetTest, RulesGoOneByOneAndTheLastTakesAll) {
  host.put_target(kPath, {sample_framed(5004), sample_framed(5006)});
  value_of(detach_target(host, detach_one(5004), Run::kReally));
  EXPECT_THAT(there().ended, ElementsAre(api::Living::kStayFramed));
  expect_error(detach_target(host, detach_one(5004), Run::kReally), ErrorKind::kNotFound,
               "has no rule", "show");
  value_of(detach_target(host, detach_one(5006), Run::kReally));
  EXPECT_THAT(host.targets, IsEmpty());
}

TEST_F(TargetTest, NowLetsLivingConnectionsGo) {
  host.put_target(kPath, {sample_framed(5004)});
  value_of(detach_target(host, detach_all(api::Living::kLetGo), Run::kReally));
  EXPECT_THAT(host.target_ends, ElementsAre(api::Living::kLetGo));
}

TEST_F(TargetTest, ACgroupThatIsGoneIsFoundByWhatItsPinsRemember) {
  host.put_target(kPath, {sample_framed(5004)}).cgroup_gone = true;
  host.cgroups.clear();
  EXPECT_THAT(value_of(status(host, kName)).target_troubles, SizeIs(1));
  value_of(detach_target(host, detach_all(), Run::kReally));
  EXPECT_THAT(host.targets, IsEmpty());
}

TEST_F(TargetTest, CleanRemovesLeftoversAndKeepsOtherVersions) {
  host.put_target(kPath, {sample_framed(5004)});
  host.put_target("/sys/fs/cgroup/gone", {sample_framed(5004)}).cgroup_gone = true;
  host.put_target("/sys/fs/cgroup/newer", {}).other_version = true;
  const CleanReport report = value_of(clean(host, false, Run::kReally));
  ASSERT_THAT(report.targets_removed, SizeIs(1));
  EXPECT_THAT(report.targets_removed[0].rules, SizeIs(1));
  EXPECT_THAT(report.targets_kept, SizeIs(1));
  EXPECT_THAT(host.targets, SizeIs(2));
  value_of(clean(host, true, Run::kReally));
  EXPECT_THAT(host.targets, SizeIs(1));
  EXPECT_TRUE(there().attached);
}

TEST_F(TargetTest, CleanLeavesACgroupThatHasNoConnections) {
  host.put_target(kPath, {sample_framed(5004)});
  EXPECT_THAT(value_of(clean(host, true, Run::kReally)).targets_removed, IsEmpty());
  EXPECT_TRUE(there().attached);
}

TEST_F(TargetTest, StatusHasTargetsBesideDevices) {
  host.put_live("eth0", {sample_rule(5004)});
  host.put_target(kPath, {sample_framed(5004)}).counts.packets[ZC_VERDICT_no_state] = 2;
  const HostStatus all = value_of(status(host, ""));
  EXPECT_THAT(all.devices, SizeIs(1));
  ASSERT_THAT(all.targets, SizeIs(1));
  ASSERT_THAT(all.targets[0].findings, SizeIs(1));
  EXPECT_EQ(all.targets[0].findings[0].id, "unframed");
  EXPECT_THAT(all.targets[0].findings[0].text, HasSubstr("2 connections"));
  EXPECT_THAT(value_of(status(host, "eth0")).targets, IsEmpty());
  EXPECT_THAT(value_of(status(host, kName)).devices, IsEmpty());
}

TEST_F(TargetTest, WhatBrokeAConnectionDependsOnWhatGoesBeforeTheMedia) {
  for (const uint8_t skip : {ZC_SKIP_NONE, ZC_SKIP_HTTP}) {
    api::FramedRule rule = sample_framed(5004);
    rule.framing.skip = skip;
    host.targets.clear();
    host.put_target(kPath, {rule}).counts.packets[ZC_VERDICT_broken] = 2;
    const Findings found = value_of(status(host, "")).targets.at(0).findings;
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].id, "broken");
    EXPECT_THAT(found[0].text, HasSubstr("2 times"));
    EXPECT_THAT(found[0].mend, HasSubstr("free memory"));
    EXPECT_THAT(found[0].mend, HasSubstr("kTLS"));
    EXPECT_EQ(found[0].mend.find("Content-Length") != std::string::npos, skip == ZC_SKIP_HTTP);
  }
}

TEST_F(TargetTest, ADryRunChangesNothing) {
  EXPECT_THAT(value_of(attach_target(host, attach_words(), Run::kDry)).plan.steps, SizeIs(3));
  EXPECT_THAT(host.targets, IsEmpty());
}

TEST_F(TargetTest, WhicheverCallFailsTheRulesAreAsTheyWere) {
  for (const bool has_one : {false, true}) {
    for (int call = 1;; call++) {
      FakeHost fresh;
      fresh.cgroups[kPath] = 7;
      if (has_one) fresh.put_target(kPath, {sample_framed(5006)});
      fresh.fail_at(call);
      const auto done = attach_target(fresh, attach_words(), Run::kReally);
      if (done) break;
      SCOPED_TRACE(fresh.calls.back());
      EXPECT_FALSE(fresh.locked());
      ASSERT_EQ(fresh.targets.size(), has_one ? 1U : 0U) << "at call " << call;
      for (const auto& [id, there] : fresh.targets)
        EXPECT_THAT(there.rules, SizeIs(1));
    }
  }
}

// --- living connections of a process

class ProcessTest : public testing::Test {
 protected:
  static constexpr uint64_t kNetns = 55;
  ProcessTest() {
    for (const uint32_t fd : {3U, 4U})
      host.connections.push_back({.pid = 9,
                                  .fd = fd,
                                  .cookie = 100 + fd,
                                  .netns_cookie = kNetns,
                                  .local = {},
                                  .peer = to_match(sample_rule(5004).match).to});
  }
  static TargetAttachRequest words(const std::string& name) {
    return {name, {sample_framed(5004)}};
  }
  FakeHost host;
};

TEST_F(ProcessTest, ItsConnectionsAreTakenLast) {
  value_of(attach_target(host, words("pid:9"), Run::kReally));
  EXPECT_THAT(host.targets.at(kNetns).taken, ElementsAre(103, 104));
  EXPECT_TRUE(host.targets.at(kNetns).attached);
  EXPECT_THAT(host.calls.back(), "take");
}

TEST_F(ProcessTest, OneDescriptorAndTheRestLater) {
  value_of(attach_target(host, words("pid:9:4"), Run::kReally));
  EXPECT_THAT(host.targets.at(kNetns).taken, ElementsAre(104));
  expect_error(attach_target(host, words("pid:9:4"), Run::kReally), ErrorKind::kExists,
               "has this rule already");
  value_of(attach_target(host, words("pid:9"), Run::kReally));
  EXPECT_THAT(host.targets.at(kNetns).taken, ElementsAre(103, 104));
}

TEST_F(ProcessTest, NamesAreChecked) {
  expect_error(attach_target(host, words("pid:0"), Run::kReally), ErrorKind::kUsage, "pid:PID");
  expect_error(attach_target(host, words("pid:9:x"), Run::kReally), ErrorKind::kUsage,
               "pid:PID:FD");
  expect_error(attach_target(host, words("pid:8"), Run::kReally), ErrorKind::kNotFound, "no such");
  expect_error(attach_target(host, words("sockets:55"), Run::kReally), ErrorKind::kUsage,
               "names a process", "pid:PID");
  expect_error(detach_target(host, {"pid:9", {}}, Run::kReally), ErrorKind::kUsage, "is for attach",
               "sockets:COOKIE");
}

TEST_F(ProcessTest, SocketsOfTwoNamespacesAreNotOneTarget) {
  host.connections[1].netns_cookie = 56;
  expect_error(attach_target(host, words("pid:9"), Run::kReally), ErrorKind::kFailed,
               "different network namespaces", "pid:PID:FD");
}

TEST_F(ProcessTest, DetachNamesTheSockets) {
  value_of(attach_target(host, words("pid:9"), Run::kReally));
  value_of(detach_target(host, {"sockets:55", {}}, Run::kReally));
  EXPECT_THAT(host.targets, IsEmpty());
}

TEST_F(ProcessTest, CleanRemovesThemWhenTheirConnectionsAreGone) {
  value_of(attach_target(host, words("pid:9"), Run::kReally));
  EXPECT_THAT(value_of(clean(host, true, Run::kReally)).targets_removed, IsEmpty());
  host.targets.at(kNetns).taken.clear();
  EXPECT_THAT(value_of(clean(host, false, Run::kDry)).targets_removed, SizeIs(1));
  const CleanReport report = value_of(clean(host, false, Run::kReally));
  ASSERT_THAT(report.targets_removed, SizeIs(1));
  EXPECT_EQ(report.targets_removed[0].why, "its connections are gone");
  EXPECT_THAT(report.targets_removed[0].rules, SizeIs(1));
  EXPECT_THAT(host.targets, IsEmpty());
}

TEST_F(ProcessTest, WhicheverCallFailsNothingIsTaken) {
  for (int call = 1;; call++) {
    FakeHost fresh;
    fresh.connections = host.connections;
    fresh.fail_at(call);
    if (attach_target(fresh, words("pid:9"), Run::kReally)) break;
    EXPECT_THAT(fresh.targets, IsEmpty()) << fresh.calls.back();
  }
}

}  // namespace
}  // namespace zc::core
