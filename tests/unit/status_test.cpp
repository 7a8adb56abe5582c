// SPDX-License-Identifier: GPL-2.0-only
// `show`, `sdp`'s rule and `probe` on a kernel in memory: they look and change nothing.
#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(StatusTest, ItCanBeReadWithoutTheLockWhileAnotherHoldsIt) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  const auto other = value_of(host.change());
  EXPECT_EQ(value_of(status(host, "", api::ReadLock::kNone)).devices.size(), 1U);
}

TEST(StatusTest, AHostWithoutRulesHasNothingToShow) {
  FakeHost host;
  const HostStatus shown = value_of(status(host, ""));
  EXPECT_THAT(shown.devices, IsEmpty());
  EXPECT_THAT(shown.troubles, IsEmpty());
}

TEST(StatusTest, DevicesComeByNameWithTheirRulesAndStreams) {
  FakeHost host;
  host.devices["alpha"] = host.devices["eth1"];
  host.devices["alpha"].ifindex = 30;
  host.put_live("eth0", {sample_rule(5004)});
  host.put_live("alpha", {sample_rule(5004), sample_rule(5006)});
  host.pins.at(2).streams.push_back({});
  const HostStatus shown = value_of(status(host, ""));
  ASSERT_THAT(shown.devices, SizeIs(2));
  EXPECT_EQ(shown.devices[0].dev, "alpha");
  EXPECT_THAT(shown.devices[0].rules, SizeIs(2));
  EXPECT_EQ(shown.devices[1].dev, "eth0");
  EXPECT_THAT(shown.devices[1].streams, SizeIs(1));
  EXPECT_EQ(host.repairs, 0) << "who looks changes nothing";
}

TEST(StatusTest, ADeviceThatWasRenamedIsShownUnderItsNewName) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.devices["wan0"] = host.devices["eth0"];
  host.devices.erase("eth0");
  const HostStatus shown = value_of(status(host, ""));
  ASSERT_THAT(shown.devices, SizeIs(1));
  EXPECT_EQ(shown.devices[0].dev, "wan0");
}

TEST(StatusTest, OneDeviceCanBeAskedFor) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.put_live("eth1", {sample_rule(5004)});
  const HostStatus shown = value_of(status(host, "eth1"));
  ASSERT_THAT(shown.devices, SizeIs(1));
  EXPECT_EQ(shown.devices[0].dev, "eth1");
  expect_error(status(host, "eth9"), ErrorKind::kNotFound, "no device 'eth9'");
}

TEST(StatusTest, LeftoversAndOtherVersionsAreTroubles) {
  FakeHost host;
  host.put_leftover("eth0");
  host.put_live("eth1", {});
  host.pins.at(3).other_version = true;
  const HostStatus shown = value_of(status(host, ""));
  EXPECT_THAT(shown.devices, IsEmpty());
  EXPECT_THAT(shown.troubles, SizeIs(2));
}

TEST(StatusTest, LivingDevicesOfOtherNamespacesAreNotShown) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.pins.at(2).here = false;
  const HostStatus shown = value_of(status(host, ""));
  EXPECT_THAT(shown.devices, IsEmpty());
  EXPECT_THAT(shown.troubles, IsEmpty());
}

TEST(StatusTest, WhatStandsBeforeOurProgramIsToldAndWhatIsBehindIsNot) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.chains[2] = {{.name = "first", .program = 7},
                    {.name = "zc_egress", .program = 8, .ours = true},
                    {.name = "last", .program = 9}};
  const HostStatus shown = value_of(status(host, ""));
  ASSERT_THAT(shown.devices[0].before, SizeIs(1));
  EXPECT_EQ(shown.devices[0].before[0].text(), "tcx program 7 (first)");
}

TEST(StatusTest, RulesThatAreNotInForceAreNamedWithTheirPins) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004), sample_rule(5006)});
  host.pins.at(2).device_gone = true;
  const HostStatus shown = value_of(status(host, ""));
  ASSERT_THAT(shown.troubles, SizeIs(1));
  EXPECT_EQ(shown.troubles[0].dev, "eth0");
  EXPECT_THAT(shown.troubles[0].rules, SizeIs(2));
}

TEST(StatusTest, RulesThatMeetTheSamePacketsOnStackedDevicesAreTold) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004), sample_rule(5006)});
  host.put_live("eth1", {sample_rule(5004, 1), sample_rule(5008)});
  host.stacks[2] = {3};
  const HostStatus shown = value_of(status(host, "eth0"));
  ASSERT_THAT(shown.devices[0].doubled, SizeIs(1));
  EXPECT_EQ(shown.devices[0].doubled[0].other_dev, "eth1");
  EXPECT_EQ(shown.devices[0].doubled[0].other.text(), "10.0.0.2:5004 from 10.0.0.1");
}

TEST(StatusTest, AFailureAtAnyCallIsReported) {
  for (int call = 1; call <= 8; call++) {
    FakeHost host;
    host.put_live("eth0", {sample_rule(5004)});
    host.fail_at(call);
    const auto shown = status(host, "");
    ASSERT_FALSE(shown) << host.calls[static_cast<size_t>(call) - 1];
    EXPECT_FALSE(host.locked());
  }
}

TEST(FindRuleTest, ARuleIsFoundByDestinationAndSource) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004, 1), sample_rule(5004, 3)});
  const auto wanted = value_of(parse_match("10.0.0.2:5004", "10.0.0.3"));
  EXPECT_EQ(value_of(find_rule(host, "eth0", wanted)).id, 1U);
  expect_error(find_rule(host, "eth0", value_of(parse_match("10.0.0.2:5004", ""))),
               ErrorKind::kNotFound, "eth0 has no rule 10.0.0.2:5004", "zcctl show eth0");
}

// Of rule 1: a stream that is old, one that does not know its TTL, and one of another rule.
TEST(FindRuleTest, TheTtlIsThatOfItsNewestStreamThatKnowsOne) {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004, 1), sample_rule(5004, 3)});
  const auto wanted = value_of(parse_match("10.0.0.2:5004", "10.0.0.3"));
  EXPECT_EQ(value_of(find_rule(host, "eth0", wanted)).ttl, 0);
  struct Stream {
    uint32_t rule;
    uint64_t last_ns;
    uint8_t ttl;
  };
  for (const Stream& each : {Stream{1, 20, 16}, {1, 10, 1}, {1, 30, 0}, {0, 40, 64}}) {
    api::StreamEntry entry;
    entry.stream.rule = each.rule;
    entry.stream.last_ns = each.last_ns;
    entry.stream.ttl = each.ttl;
    host.pins[2].streams.push_back(entry);
  }
  EXPECT_EQ(value_of(find_rule(host, "eth0", wanted)).ttl, 16);
}

TEST(ProbeTest, TheKernelIsToldWithoutADevice) {
  FakeHost host;
  const ProbeReport report = value_of(probe(host, ""));
  EXPECT_EQ(report.features.release, "6.18.0");
  EXPECT_FALSE(report.device);
}

TEST(ProbeTest, ADeviceIsToldWhatAttachWouldChoose) {
  FakeHost host;
  host.devices["eth0"].senders[0].csum = api::CsumOffload::kUnknown;
  host.kernel_features.tcx = false;
  const ProbeReport report = value_of(probe(host, "eth0"));
  ASSERT_TRUE(report.device);
  EXPECT_EQ(report.device->hook, ZC_HOOK_CLSACT);
  EXPECT_EQ(report.device->refusal, "");
  EXPECT_EQ(report.device->ipv4.automatic.way, ZC_CHECKSUM_SUM);
  EXPECT_EQ(report.device->ipv6.automatic.way, ZC_CHECKSUM_SUM);
  // What else may be said: zero for IPv4 alone, and uni and lco with a warning.
  EXPECT_EQ(report.device->ipv4.instead.size(), 3U);
  EXPECT_EQ(report.device->ipv6.instead.size(), 2U);
  EXPECT_NE(report.device->ipv6.instead[0].warning, "");
}

TEST(ProbeTest, ADeviceThatCannotBeUsedIsToldSo) {
  FakeHost host;
  host.devices["eth0"].link_type = 32;
  EXPECT_NE(value_of(probe(host, "eth0")).device->refusal, "");
  expect_error(probe(host, "eth9"), ErrorKind::kNotFound, "no device 'eth9'");
}

}  // namespace
}  // namespace zc::core
