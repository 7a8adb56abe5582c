// SPDX-License-Identifier: GPL-2.0-only
// `attach` on a kernel in memory: what it does, in which order, and that a failure at any call
// leaves nothing half done.
#include <algorithm>

#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "out/steps.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

AttachRequest request(const std::string& to = "10.0.0.2:5004", const std::string& from = "") {
  AttachRequest request;
  request.dev = "eth0";
  RuleArguments words;
  words.to = to;
  words.from = from;
  words.payload = "MP2T";
  request.spec = value_of(parse_rule(words));
  return request;
}

// The calls that change something.
std::vector<std::string> changes(const FakeHost& host) {
  std::vector<std::string> list;
  for (const std::string& call : host.calls) {
    for (const char* change : {"create", "add_rule", "attach", "remove", "replace_rule"}) {
      if (call == change) list.push_back(call);
    }
  }
  return list;
}

TEST(AttachTest, TheRuleIsThereBeforeTheProgramSeesPackets) {
  FakeHost host;
  const AttachReport report = value_of(attach(host, request(), Run::kReally));
  EXPECT_THAT(changes(host), ElementsAre("create", "add_rule", "attach"));
  EXPECT_THAT(host.in_force().at(2), ElementsAre("10.0.0.2:5004 pt 33"));
  EXPECT_EQ(report.hook, ZC_HOOK_TCX);
  EXPECT_EQ(report.checksum.way, ZC_CHECKSUM_UNI);
  EXPECT_EQ(report.plan.steps.size(), 4U);
  EXPECT_FALSE(host.locked()) << "the next zcctl may come";
}

TEST(AttachTest, TheDeviceIsLookedAtUnderTheLock) {
  FakeHost host;
  value_of(attach(host, request(), Run::kReally));
  const auto lock = std::ranges::find(host.calls, "lock");
  EXPECT_NE(std::find(lock, host.calls.end(), "device"), host.calls.end());
}

// All descriptors of all processes: that takes long.
TEST(AttachTest, NoOtherZcctlWaitsWhileSocketsAreLookedFor) {
  FakeHost host;
  host.routes["10.0.0.2"] = api::Route();
  value_of(attach(host, request(), Run::kReally));
  EXPECT_THAT(host.calls, Contains("sockets"));
  EXPECT_THAT(host.calls, Not(Contains("sockets, locked")));
}

TEST(AttachTest, ASecondRuleIsAddedToTheRunningProgram) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  value_of(attach(host, request("10.0.0.2:5006"), Run::kReally));
  EXPECT_THAT(changes(host), ElementsAre("add_rule"));
  EXPECT_THAT(host.in_force().at(2), ElementsAre("10.0.0.2:5004 pt 33", "10.0.0.2:5006 pt 33"));
}

TEST(AttachTest, DevicesAreApart) {
  FakeHost host;
  host.put_live("eth1", {sample_rule(5004)});
  value_of(attach(host, request(), Run::kReally));
  EXPECT_THAT(changes(host), ElementsAre("create", "add_rule", "attach"));
  EXPECT_EQ(host.in_force().size(), 2U);
}

TEST(AttachTest, ALeftoverIsReplaced) {
  FakeHost host;
  host.put_leftover("eth0");
  value_of(attach(host, request(), Run::kReally));
  EXPECT_THAT(changes(host), ElementsAre("remove", "create", "add_rule", "attach"));
  EXPECT_FALSE(host.any_leftover());
}

TEST(AttachTest, AProgramThatWasTakenOffIsHungAgainAndItsRulesLiveOn) {
  for (const char* to : {"10.0.0.2:5004", "10.0.0.2:5008"}) {
    FakeHost host;
    host.put_live("eth0", {sample_rule(5004), sample_rule(5006)});
    host.pins[2].attached = false;
    host.pins[2].taken_off = true;
    value_of(attach(host, request(to), Run::kReally));
    EXPECT_EQ(changes(host).back(), "attach");
    EXPECT_THAT(changes(host), Not(Contains("remove")));
    EXPECT_EQ(host.in_force().at(2).front(), "10.0.0.2:5004 pt 33");
    EXPECT_GE(host.in_force().at(2).size(), 2U);
  }
}

TEST(AttachTest, ARuleThatIsThereIsMendedWhateverWasStackedLater) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.put_live("eth1", {sample_rule(5004)});
  host.stacks[2] = {3};
  AttachRequest again = request();
  again.replace = true;
  value_of(attach(host, again, Run::kReally));
}

TEST(AttachTest, TheSameRuleTwiceIsRefusedAndNothingChanges) {
  FakeHost host;
  value_of(attach(host, request(), Run::kReally));
  host.calls.clear();
  expect_error(attach(host, request(), Run::kReally), ErrorKind::kExists, "has this rule already");
  EXPECT_THAT(changes(host), IsEmpty());
}

TEST(AttachTest, ReplaceChangesTheRuleInPlace) {
  FakeHost host;
  value_of(attach(host, request(), Run::kReally));
  AttachRequest other = request();
  other.spec.payload.payload_type = 96;
  expect_error(attach(host, other, Run::kReally), ErrorKind::kExists, "other options", "--replace");
  host.calls.clear();
  other.replace = true;
  value_of(attach(host, other, Run::kReally));
  EXPECT_THAT(changes(host), ElementsAre("replace_rule"));
  EXPECT_THAT(host.in_force().at(2), ElementsAre("10.0.0.2:5004 pt 96"));
}

TEST(AttachTest, WhatIsRefusedChangesNothing) {
  struct Refusal {
    const char* description;
    void (*prepare)(FakeHost&, AttachRequest&);
    ErrorKind code;
    const char* message;
  };
  const Refusal refusals[] = {
      {"unknown device", [](FakeHost&, AttachRequest& r) { r.dev = "eth9"; }, ErrorKind::kNotFound,
       "no device 'eth9'"},
      {"InfiniBand", [](FakeHost& h, AttachRequest&) { h.devices["eth0"].link_type = 32; },
       ErrorKind::kUnsupported, "link type 32"},
      {"tcx on an old kernel",
       [](FakeHost& h, AttachRequest& r) { h.kernel_features.tcx = false, r.hook = ZC_HOOK_TCX; },
       ErrorKind::kUnsupported, "this kernel has no tcx"},
      {"zero over IPv6",
       [](FakeHost&, AttachRequest& r) {
         r.spec.checksum = ZC_CHECKSUM_ZERO;
         r.spec.match = value_of(parse_match("[2001:db8::2]:5004", ""));
       },
       ErrorKind::kUnsupported, "IPv6 does not allow"},
      {"another version",
       [](FakeHost& h, AttachRequest&) {
         h.put_live("eth0", {});
         h.pins[2].other_version = true;
       },
       ErrorKind::kFailed, "another version of zcctl"},
      {"a program of zcctl's that no pins here know",
       [](FakeHost& h, AttachRequest&) { h.chains[2] = {{.name = "zc_egress", .program = 7}}; },
       ErrorKind::kExists, "a zcctl is at work on eth0 already"},
      {"a rule on a device below",
       [](FakeHost& h, AttachRequest&) {
         h.put_live("eth1", {sample_rule(5004, 1)});
         h.stacks[2] = {3, 9};
       },
       ErrorKind::kExists, "on eth0 would match packets that pass eth1 too"},
      {"zcctl's stage", [](FakeHost& h, AttachRequest&) { h.devices["eth0"].stage_of = "eth1"; },
       ErrorKind::kUnsupported, "eth0 is the stage of eth1"},
      {"damaged pins",
       [](FakeHost& h, AttachRequest&) {
         h.put_live("eth0", {});
         h.pins[2].damaged = true;
       },
       ErrorKind::kFailed, "the pins of eth0 are damaged: zc_rules is missing"},
      {"overlap", [](FakeHost& h, AttachRequest&) { h.put_live("eth0", {sample_rule(5004, 1)}); },
       ErrorKind::kExists, "would match packets of rule 10.0.0.2:5004 from 10.0.0.1"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.description);
    FakeHost host;
    AttachRequest asked = request();
    refusal.prepare(host, asked);
    const auto report = attach(host, asked, Run::kReally);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, refusal.code) << why(report.error());
    EXPECT_THAT(report.error().message, HasSubstr(refusal.message));
    EXPECT_THAT(changes(host), IsEmpty());
    EXPECT_FALSE(host.locked());
  }
}

TEST(AttachTest, ADryRunPlansAndChangesNothing) {
  FakeHost host;
  const AttachReport report = value_of(attach(host, request(), Run::kDry));
  EXPECT_EQ(report.plan.steps.size(), 4U);
  EXPECT_THAT(changes(host), IsEmpty());
  EXPECT_THAT(host.pins, IsEmpty());
  AttachRequest nowhere = request();
  nowhere.dev = "eth9";
  EXPECT_FALSE(attach(host, nowhere, Run::kDry));
}

TEST(AttachTest, WithoutTcxClsactIsUsed) {
  FakeHost host;
  host.kernel_features.tcx = false;
  EXPECT_EQ(value_of(attach(host, request(), Run::kReally)).hook, ZC_HOOK_CLSACT);
  EXPECT_EQ(host.pins.at(2).meta.hook, unsigned{ZC_HOOK_CLSACT});
}

TEST(AttachTest, AHookThatWasAskedForIsUsed) {
  for (const zc_hook hook : {ZC_HOOK_TCX, ZC_HOOK_CLSACT}) {
    FakeHost host;
    AttachRequest asked = request();
    asked.hook = hook;
    EXPECT_EQ(value_of(attach(host, asked, Run::kReally)).hook, hook);
    EXPECT_EQ(host.pins.at(2).meta.hook, unsigned{hook});
  }
}

// What attach reports and what show reports must be the same.
TEST(AttachTest, TheReportNamesTheHookThatIsInForce) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.pins.at(2).meta.hook = ZC_HOOK_CLSACT;
  EXPECT_EQ(value_of(attach(host, request("10.0.0.2:5006"), Run::kReally)).hook, ZC_HOOK_CLSACT);
}

// --- failures -------------------------------------------------------------------------------

struct Start {
  const char* description;
  void (*prepare)(FakeHost&);
  bool replace;
};

const Start kStarts[] = {
    {"nothing there", [](FakeHost&) {}, false},
    {"a rule there", [](FakeHost& h) { h.put_live("eth0", {sample_rule(5006)}); }, false},
    {"rules on another device", [](FakeHost& h) { h.put_live("eth1", {sample_rule(5004)}); },
     false},
    {"a leftover there", [](FakeHost& h) { h.put_leftover("eth0"); }, false},
    {"the rule there with other options",
     [](FakeHost& h) {
       zc_rule rule = sample_rule(5004);
       rule.options.how.payload_type = 96;
       h.put_live("eth0", {rule});
     },
     true},
};

TEST(AttachTest, AFailureAtAnyCallLeavesTheHostAsItWas) {
  for (const Start& start : kStarts) {
    int failures = 0;
    for (int call = 1;; call++) {
      SCOPED_TRACE(std::string(start.description) + ", call " + std::to_string(call) + " fails");
      FakeHost host;
      start.prepare(host);
      const auto before = host.in_force();
      const bool leftover = host.any_leftover();
      host.fail_at(call);
      AttachRequest asked = request();
      asked.replace = start.replace;
      const auto report = attach(host, asked, Run::kReally);
      EXPECT_FALSE(host.locked());
      if (host.fallible_calls() < call) {
        EXPECT_TRUE(report) << why(report.error());
        break;
      }
      failures++;
      ASSERT_FALSE(report) << "a failure was swallowed: "
                           << host.calls[static_cast<size_t>(call) - 1];
      EXPECT_EQ(report.error().message, host.calls[static_cast<size_t>(call) - 1] + " failed");
      EXPECT_EQ(host.in_force(), before);
      EXPECT_LE(host.any_leftover(), leftover) << "a leftover that was not there before";
    }
    EXPECT_GE(failures, 6) << "too few calls could fail";
  }
}

// Seen on Debian's 6.1: each send of many packets fails with EIO; not on 6.12.
TEST(AttachTest, ManyPacketsACallOnADeviceWithoutOffloadAreWarnedOfOrRefusedBeforeLinux611) {
  FakeHost host;
  host.devices["eth0"].tx_checksum_ipv4 = false;
  AttachRequest asked = request();
  asked.spec.segment_bytes = 188;
  for (const char* fine : {"6.11.0", "6.18.44", "7.0"}) {
    host.kernel_features.release = fine;
    EXPECT_TRUE(value_of(attach(host, asked, Run::kDry)).findings.empty()) << fine;
  }
  for (const char* old : {"6.1.0-56-amd64", "5.15", "6.10.9"}) {
    host.kernel_features.release = old;
    const AttachReport report = value_of(attach(host, asked, Run::kDry));
    ASSERT_EQ(report.findings.size(), 1U) << old;
    EXPECT_EQ(report.findings[0].id, "segment-refused");
    asked.pid = 42;
    expect_error(attach(host, asked, Run::kDry), ErrorKind::kUnsupported, "EIO", "ethtool -K eth0");
    asked.pid.reset();
  }
}

// --- RTCP's port ----------------------------------------------------------------------------

AttachRequest with_rtcp(AttachRequest request, zc_rtcp rtcp) {
  request.spec.rtcp = rtcp;
  request.spec.rtcp_auto = false;
  return request;
}

zc_rtcp rtcp_of(FakeHost& host, const std::string& to) {
  const FoundRule found = value_of(find_rule(host, "eth0", value_of(parse_match(to, ""))));
  return static_cast<zc_rtcp>(found.rule.options.how.rtcp);
}

// RFC 3550 11: RTCP of 5004 goes to 5005.
TEST(RtcpPortTest, WhatZcctlChoosesGivesWayToAnotherRulesRtp) {
  FakeHost host;
  value_of(attach(host, request("10.0.0.2:5004"), Run::kReally));
  EXPECT_EQ(rtcp_of(host, "10.0.0.2:5004"), ZC_RTCP_ON);
  host.calls.clear();
  const AttachReport report = value_of(attach(host, request("10.0.0.2:5005"), Run::kReally));
  EXPECT_THAT(changes(host), ElementsAre("replace_rule", "add_rule"));
  EXPECT_EQ(rtcp_of(host, "10.0.0.2:5004"), ZC_RTCP_OFF);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(out::steps_text(report.plan)[0], HasSubstr("rtcp off (auto)"));

  FakeHost other_order;
  value_of(attach(other_order, request("10.0.0.2:5005"), Run::kReally));
  value_of(attach(other_order, request("10.0.0.2:5004"), Run::kReally));
  EXPECT_EQ(rtcp_of(other_order, "10.0.0.2:5004"), ZC_RTCP_OFF);
  expect_error(attach(other_order, request("10.0.0.2:5004"), Run::kReally), ErrorKind::kExists,
               "has this rule already");
}

TEST(RtcpPortTest, OtherPortsAddressesAndSourcesAreNotInTheWay) {
  FakeHost host;
  for (const char* to : {"10.0.0.2:5006", "10.0.0.2:5003", "10.0.0.3:5005"})
    value_of(attach(host, request(to), Run::kReally));
  value_of(attach(host, request("10.0.0.2:5005", "10.0.0.9"), Run::kReally));
  value_of(attach(host, request("10.0.0.2:5004", "10.0.0.1"), Run::kReally));
  const auto match = value_of(parse_match("10.0.0.2:5004", "10.0.0.1"));
  EXPECT_EQ(value_of(find_rule(host, "eth0", match)).rule.options.how.rtcp, ZC_RTCP_ON);
  EXPECT_EQ(rtcp_of(host, "10.0.0.2:5006"), ZC_RTCP_ON);
}

TEST(RtcpPortTest, WhatTheOperatorAskedForIsRefusedOrFound) {
  FakeHost host;
  value_of(attach(host, request("10.0.0.2:5005"), Run::kReally));
  expect_error(attach(host, with_rtcp(request("10.0.0.2:5004"), ZC_RTCP_ON), Run::kReally),
               ErrorKind::kExists,
               "RTCP of 10.0.0.2:5004 goes to the next port, and that is the RTP port of rule "
               "10.0.0.2:5005 on eth0",
               "--rtcp mux, or off");
  value_of(attach(host, with_rtcp(request("10.0.0.2:5004"), ZC_RTCP_MUX), Run::kReally));

  FakeHost later;
  value_of(attach(later, with_rtcp(request("10.0.0.2:5004"), ZC_RTCP_ON), Run::kReally));
  later.calls.clear();
  const AttachReport report = value_of(attach(later, request("10.0.0.2:5005"), Run::kReally));
  EXPECT_THAT(changes(later), ElementsAre("add_rule"));
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].id, "rtcp-port");
  EXPECT_THAT(report.findings[0].text, HasSubstr("10.0.0.2:5004 goes to 10.0.0.2:5005"));
}

}  // namespace
}  // namespace zc::core
