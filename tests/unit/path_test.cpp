// SPDX-License-Identifier: GPL-2.0-only
// What keeps packets away from a device, and what only looks so.
#include "core/path.h"

#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = api::Route::Kind;

api::Route route(Kind kind, const std::string& dev = "", uint32_t ifindex = 0) {
  api::Route route;
  route.kind = kind;
  route.dev = dev;
  route.ifindex = ifindex;
  if (ifindex != 0) route.leaves_by = {ifindex};
  route.mtu = 1500;
  return route;
}

class PathTest : public testing::Test {
 protected:
  PathFacts facts(const std::string& to = "10.0.0.2:5004", const std::string& from = "") {
    return look_at_path(host, host.devices.at("eth0"), value_of(parse_match(to, from)));
  }
  std::vector<std::string> found(const std::string& to = "10.0.0.2:5004",
                                 const std::string& from = "") {
    std::vector<std::string> ids;
    for (const Finding& finding : path_findings(facts(to, from)))
      ids.push_back(finding.id);
    return ids;
  }
  api::Device& device() { return host.devices.at("eth0"); }

  FakeHost host;
};

TEST_F(PathTest, ARouteByTheDeviceIsNoFinding) {
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(found("239.1.1.1:5004"), IsEmpty());
}

TEST_F(PathTest, WhatTheRoutingTableSaysIsFound) {
  struct Case {
    api::Route route;
    const char* id;
  };
  for (const Case& each :
       {Case{route(Kind::kUnicast, "eth1", 3), "other-route"},
        Case{route(Kind::kBroadcast, "eth1", 3), "other-route"},
        Case{route(Kind::kLocal, "lo", 1), "own-address"}, Case{route(Kind::kNone), "no-route"},
        Case{route(Kind::kDiscards), "route-discards"}}) {
    host.routes["10.0.0.2"] = each.route;
    EXPECT_THAT(found(), ElementsAre(each.id));
  }
}

TEST_F(PathTest, AGroupWithoutARouteByTheDeviceIsToldWithItsCondition) {
  host.routes["239.1.1.1"] = route(Kind::kMulticast, "eth1", 3);
  const Findings findings = path_findings(facts("239.1.1.1:5004"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].text, HasSubstr("unless the app names it (IP_MULTICAST_IF)"));
}

TEST_F(PathTest, AGroupWithoutAnyRouteCanBeSentToByWhoNamesTheDevice) {
  host.routes["239.1.1.1"] = route(Kind::kNone);
  const Findings findings = path_findings(facts("239.1.1.1:5004"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].id, "no-route");
  EXPECT_THAT(findings[0].text, HasSubstr("unless they name the device (IP_MULTICAST_IF)"));
  EXPECT_EQ(findings[0].mend, "ip route add 239.1.1.1 dev eth0");
}

TEST_F(PathTest, AnAppMustNameTheDeviceForIpv6GroupsAndLinkLocalAddresses) {
  for (const char* address : {"ff05::1", "fe80::1", "febf::1"}) {
    host.routes[address] = route(Kind::kUnicast, "eth1", 3);
    EXPECT_THAT(found("[" + std::string(address) + "]:5004"), IsEmpty()) << address;
  }
  host.routes["fec0::1"] = route(Kind::kUnicast, "eth1", 3);
  EXPECT_THAT(found("[fec0::1]:5004"), ElementsAre("other-route"));
}

TEST_F(PathTest, ADeviceBelowTheRoutesDeviceSendsItsPackets) {
  host.routes["10.0.0.2"] = route(Kind::kUnicast, "br0", 9);
  host.routes["10.0.0.2"].leaves_by = {9, 2};
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(PathTest, AnEnslavedDeviceSendsWhatItIsGiven) {
  host.routes["10.0.0.2"] = route(Kind::kNone);
  for (const char* master : {"bridge", "bond", "vrf", "openvswitch"}) {
    device().master_kind = master;
    EXPECT_THAT(found(), IsEmpty()) << master;
  }
}

TEST_F(PathTest, ForwardedPacketsAreNotJudgedByTheRoutesOfTheHostsOwn) {
  host.routes["10.0.0.2"] = route(Kind::kUnicast, "eth1", 3);
  host.routes["10.0.0.1"] = route(Kind::kLocal, "lo", 1);
  EXPECT_THAT(found("10.0.0.2:5004", "10.0.0.1:4000"), ElementsAre("other-route"));
  EXPECT_THAT(found("10.0.0.2:5004", "10.0.0.77"), IsEmpty());
  EXPECT_FALSE(facts("10.0.0.2:5004", "10.0.0.77").from_here);
}

TEST_F(PathTest, ASocketThatIsBoundToTheDeviceFollowsNoTable) {
  host.routes["10.0.0.2"] = route(Kind::kNone);
  api::AppSocket socket;
  socket.options = api::SocketOptions{.segment_bytes = 0, .no_checksum = false, .device = "eth0"};
  host.app_sockets = {socket};
  EXPECT_THAT(found(), IsEmpty());
  host.app_sockets[0].options->device = "eth1";
  EXPECT_THAT(found(), ElementsAre("no-route"));
  host.app_sockets[0].options.reset();
  EXPECT_THAT(found(), ElementsAre("no-route"));
}

TEST_F(PathTest, ADeviceThatIsDownIsOneFinding) {
  host.routes["10.0.0.2"] = route(Kind::kNone);
  device().up = device().carrier = false;
  EXPECT_THAT(found(), ElementsAre("device-down"));
  device().up = true;
  EXPECT_THAT(found(), ElementsAre("no-carrier", "no-route"));
}

TEST_F(PathTest, OnlyANeighbourThatWasAskedInVainIsAFinding) {
  using api::Neighbour;
  for (const Neighbour fine : {Neighbour::kReachable, Neighbour::kUnknown, Neighbour::kWaiting}) {
    host.the_neighbour = fine;
    EXPECT_THAT(found(), IsEmpty());
  }
  host.the_neighbour = Neighbour::kFailed;
  EXPECT_THAT(found(), ElementsAre("neighbour-failed"));
  host.routes["10.0.0.2"] = route(Kind::kMulticast, "eth0", 2);
  EXPECT_THAT(found(), IsEmpty()) << "nobody is asked for";
}

TEST_F(PathTest, TheGatewayIsTheNeighbourThatIsNamed) {
  host.the_neighbour = api::Neighbour::kFailed;
  host.routes["192.0.2.7"] = route(Kind::kUnicast, "eth0", 2);
  host.routes["192.0.2.7"].gateway = value_of(parse_match("10.0.0.254:1", "")).to;
  EXPECT_THAT(path_findings(facts("192.0.2.7:5004"))[0].text, HasSubstr("10.0.0.254 does not"));
}

TEST_F(PathTest, WhatCannotBeFoundOutIsNoFindingButANote) {
  host.knows_routes = false;
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(facts().unknown, ElementsAre("no rtnetlink"));
  EXPECT_TRUE(facts("10.0.0.2:5004", "10.0.0.1").from_here) << "nobody says that it is not";
}

TEST_F(PathTest, TheSmallestMtuOfDeviceRouteAndPath) {
  EXPECT_EQ(path_mtu(facts()).of, "the MTU of eth0");
  host.routes["10.0.0.2"] = route(Kind::kUnicast, "eth0", 2);
  api::Route& there = host.routes["10.0.0.2"];
  there.mtu = 1360;
  there.mtu_of = api::Route::Mtu::kRoute;
  EXPECT_EQ(path_mtu(facts()).bytes, 1360U);
  EXPECT_EQ(path_mtu(facts()).of, "the MTU of the route to 10.0.0.2");
  there.mtu_of = api::Route::Mtu::kLearned;
  EXPECT_THAT(path_mtu(facts()).of, HasSubstr("which a router told"));
  there.leaves_by = {3};
  EXPECT_EQ(path_mtu(facts()).bytes, 1500U) << "another device's route says nothing";
}

TEST_F(PathTest, AttachWarnsAndSucceeds) {
  host.routes["10.0.0.2"] = route(Kind::kNone);
  AttachRequest request;
  request.dev = "eth0";
  RuleArguments words;
  words.to = "10.0.0.2:5004";
  words.payload = "MP2T";
  words.segment = "1316";
  request.spec = value_of(parse_rule(words));
  const AttachReport report = value_of(attach(host, request, Run::kReally));
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].id, "no-route");
  EXPECT_EQ(host.in_force().at(2).size(), 1U);
}

TEST_F(PathTest, AttachRefusesASegmentThatDoesNotFitTheRoute) {
  host.routes["10.0.0.2"] = route(Kind::kUnicast, "eth0", 2);
  host.routes["10.0.0.2"].mtu = 1360;
  host.routes["10.0.0.2"].mtu_of = api::Route::Mtu::kRoute;
  AttachRequest request;
  request.dev = "eth0";
  RuleArguments words;
  words.to = "10.0.0.2:5004";
  words.payload = "MP2T";
  words.segment = "1316";
  request.spec = value_of(parse_rule(words));
  expect_error(attach(host, request, Run::kReally), ErrorKind::kUsage,
               "the MTU of the route to 10.0.0.2 (1360)", "at most 1128 bytes fit");
}

TEST_F(PathTest, AttachRefusesASocketWithoutChecksums) {
  AttachRequest request;
  request.dev = "eth0";
  RuleArguments words;
  words.to = "10.0.0.2:5004";
  words.payload = "MP2T";
  words.segment = "1316";
  request.spec = value_of(parse_rule(words));
  request.pid = 7;
  api::ForeignSocket socket;
  socket.pid = 7;
  socket.fd = 3;
  socket.peer = request.spec.match.to;
  socket.no_checksum = true;
  host.sockets = {socket};
  expect_error(attach(host, request, Run::kReally), ErrorKind::kUnsupported,
               "process 7, descriptor 3: its app has switched UDP checksums off (SO_NO_CHECK)",
               "without --pid");
  EXPECT_THAT(host.in_force(), IsEmpty());
}

}  // namespace
}  // namespace zc::core
