// SPDX-License-Identifier: GPL-2.0-only
// `check` on a kernel in memory: what is found, what is not, and what happens while it watches.
#include "core/check.h"
#include "expect.h"
#include "fake_host.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CheckTest : public testing::Test {
 protected:
  CheckTest() {
    host.put_live("eth0", {sample_rule(5004)});
    count(ZC_VERDICT_stamped, 100);
  }

  void count(zc_verdict counter, uint64_t packets) {
    host.pins.at(2).counts.packets[counter] += packets;
  }
  CheckReport report(int seconds = 0, const std::string& from = "") {
    CheckRequest request{"eth0", value_of(parse_match("10.0.0.2:5004", from))};
    request.watch = std::chrono::seconds(seconds);
    return value_of(check(host, request));
  }
  std::vector<std::string> found(int seconds = 0, const std::string& from = "") {
    std::vector<std::string> ids;
    for (const Finding& finding : report(seconds, from).findings)
      ids.push_back(finding.id);
    return ids;
  }
  api::AppSocket& add_socket() {
    api::AppSocket socket;
    socket.local = value_of(parse_match("10.0.0.1:40000", "")).to;
    socket.peer = value_of(parse_match("10.0.0.2:5004", "")).to;
    socket.pid = 7;
    socket.fd = 3;
    socket.command = "ffmpeg";
    socket.options = api::SocketOptions();
    host.app_sockets.push_back(socket);
    return host.app_sockets.back();
  }
  void nothing_came() { host.pins.at(2).counts = {}; }

  FakeHost host;
};

TEST_F(CheckTest, WhatWorksIsNoFinding) {
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_EQ(report().stamped, 100U);
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 46); };
  EXPECT_THAT(found(2), IsEmpty());
  EXPECT_EQ(report(2).stamped, 46U);
}

TEST_F(CheckTest, NoSuchDeviceIsAnError) {
  CheckRequest request{"eth9", value_of(parse_match("10.0.0.2:5004", ""))};
  expect_error(check(host, request), ErrorKind::kNotFound, "no device 'eth9'");
}

TEST_F(CheckTest, ARuleThatIsNotThereOrElsewhere) {
  host.pins.clear();
  EXPECT_THAT(found(), ElementsAre("no-rule")) << "which explains that nothing came";
  host.put_live("eth1", {sample_rule(5004)});
  host.put_live("eth0", {sample_rule(5006)});
  EXPECT_THAT(report().findings[0].text, HasSubstr("there is eth1: 10.0.0.2:5004"));
}

TEST_F(CheckTest, PinsThatAreNotInOrder) {
  host.pins.at(2).attached = false;
  EXPECT_THAT(found(), ElementsAre("pins"));
  host.pins.at(2).attached = true;
  host.pins.at(2).other_version = true;
  EXPECT_THAT(found(), ElementsAre("pins"));
  EXPECT_THAT(report().findings[0].mend, HasSubstr("--force"));
}

TEST_F(CheckTest, WhatStandsStillIsOverAndWhatGrowsIsNot) {
  count(ZC_VERDICT_oversize, 5);
  EXPECT_THAT(found(), ElementsAre("dropped-oversize"));
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 46); };
  EXPECT_THAT(found(2), IsEmpty());
  host.on_wait = [&] { count(ZC_VERDICT_oversize, 3); };
  EXPECT_THAT(found(2), ElementsAre("dropped-oversize"));
  EXPECT_THAT(report(2).findings[0].text, HasSubstr("3 dropped as oversize"));
  EXPECT_THAT(report(2).findings[0].text, HasSubstr("while it was watched"));
}

TEST_F(CheckTest, SuperPacketsThatGrowAlone) {
  host.on_wait = [&] { count(ZC_VERDICT_super, 10); };
  EXPECT_THAT(found(2), ElementsAre("pieces-lost"));
}

TEST_F(CheckTest, AQueueThatLivesForMonthsMayHaveDroppedALittle) {
  api::Queue queue{"fq_codel", "8001:", true, 1000000, 500};
  host.the_queues = {queue};
  EXPECT_THAT(found(), IsEmpty());
  host.the_queues[0].dropped = 50000;
  EXPECT_THAT(found(), ElementsAre("queue-drops"));
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 1); };
  EXPECT_THAT(found(2), IsEmpty()) << "nothing grows";
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 1), host.the_queues[0].dropped++; };
  EXPECT_THAT(found(2), ElementsAre("queue-drops"));
  host.the_queues[0].root = false;
  EXPECT_THAT(found(), IsEmpty()) << "its parent counts it";
}

TEST_F(CheckTest, AnOffloadThatChanged) {
  zc_rule& rule = host.pins.at(2).rules[0];
  api::Device& device = host.devices["eth0"];
  device.senders[0].csum = api::CsumOffload::kParses;
  EXPECT_THAT(found(), ElementsAre("checksum-way")) << "lco, and a parser";
  device.tx_checksum_ipv4 = false;
  EXPECT_THAT(found(), IsEmpty());
  device.tx_checksum_ipv4 = true;
  device.senders[0].csum = api::CsumOffload::kUnknown;
  rule.options.how.checksum = ZC_CHECKSUM_UNI;
  EXPECT_THAT(found(), ElementsAre("checksum-way")) << "auto would not choose it any more";
  rule.options.how.flags = 0;
  EXPECT_THAT(found(), IsEmpty()) << "its operator knows";
}

TEST_F(CheckTest, AProgramBeforeOursIsToldWhereNothingComes) {
  api::HookEntry other;
  other.name = "other";
  other.program = 17;
  host.chains[2] = {other};
  EXPECT_THAT(found(), IsEmpty());
  nothing_came();
  EXPECT_THAT(found(), ElementsAre("before-us"));
}

TEST_F(CheckTest, TheSameRuleOnAStackedDevice) {
  host.stacks[2] = {3};
  host.put_live("eth1", {sample_rule(5004)});
  EXPECT_THAT(found(), ElementsAre("doubled"));
}

TEST_F(CheckTest, SizesAgainstThePath) {
  api::Route route = value_of(host.route(value_of(parse_match("10.0.0.2:1", "")).to, {}));
  route.mtu = 1360;
  route.mtu_of = api::Route::Mtu::kRoute;
  host.routes["10.0.0.2"] = route;
  EXPECT_THAT(found(), IsEmpty()) << "nobody knows how large its packets are";
  api::StreamEntry stream;
  stream.flow = sample_rule(5004, 1, 40000).match;
  stream.stream.first_seq = 0;
  stream.stream.next_seq = 10;
  stream.stream.octets = 13160;  // 1316 + 20 + 8 + 20 = 1364 bytes each
  host.pins.at(2).streams = {stream};
  EXPECT_THAT(found(), ElementsAre("too-large-for-path"));
  EXPECT_THAT(report().findings[0].text, HasSubstr("1364 bytes"));
  host.pins.at(2).streams[0].stream.octets = 13120;  // 1312: they fit just so
  EXPECT_THAT(found(), IsEmpty());
  host.pins.at(2).rules[0].options.segment_bytes = 1316;
  EXPECT_THAT(found(), testing::Contains("too-large-for-path"));
}

TEST_F(CheckTest, ANeighbourThatAnswersMeanwhileIsFine) {
  host.the_neighbour = api::Neighbour::kWaiting;
  EXPECT_THAT(found(), ElementsAre("neighbour-failed"));
  host.on_wait = [&] { host.the_neighbour = api::Neighbour::kReachable; };
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(CheckTest, WhyNothingCame) {
  host.routes["10.0.0.1"].kind = api::Route::Kind::kLocal;
  nothing_came();
  EXPECT_THAT(found(), ElementsAre("no-packets"));
  api::AppSocket& socket = add_socket();
  EXPECT_THAT(found(), IsEmpty()) << "it will send";
  EXPECT_THAT(found(2), ElementsAre("no-packets"));
  EXPECT_THAT(report(2).findings[0].text, HasSubstr("process 7 (ffmpeg), descriptor 3"));
  EXPECT_THAT(found(0, "10.0.0.1:40000"), IsEmpty());
  socket.options->device = "eth1";
  EXPECT_THAT(found(), ElementsAre("app-device"));
  socket.here = false;
  EXPECT_THAT(found(), ElementsAre("app-elsewhere"));
  host.routes["10.0.0.2"] = api::Route();
  EXPECT_THAT(found(), ElementsAre("no-route")) << "which explains it";
}

TEST_F(CheckTest, ASourceThatIsNotTheRules) {
  host.pins.at(2).rules[0] = sample_rule(5004, 9);
  nothing_came();
  EXPECT_THAT(found(), ElementsAre("from-not-here"));
  host.routes["10.0.0.9"] = api::Route();
  host.routes["10.0.0.9"].kind = api::Route::Kind::kLocal;
  add_socket();
  EXPECT_THAT(found(), ElementsAre("app-source"));
}

TEST_F(CheckTest, AGroupThatCameIsWhereItsAppWantsIt) {
  zc_rule rule = sample_rule(5004);
  rule.match.daddr[0] = htonl(0xef010101);
  host.put_live("eth0", {rule});
  host.routes["239.1.1.1"] = api::Route();
  const CheckRequest request{"eth0", value_of(parse_match("239.1.1.1:5004", ""))};
  EXPECT_THAT(value_of(check(host, request)).findings, IsEmpty());
  nothing_came();
  EXPECT_EQ(value_of(check(host, request)).findings.at(0).id, "no-route");
}

TEST_F(CheckTest, SocketsOfTheApp) {
  api::AppSocket& socket = add_socket();
  host.pins.at(2).rules[0].options.segment_bytes = 1316;
  EXPECT_THAT(found(), ElementsAre("socket-segment"));
  socket.options->segment_bytes = 1316;
  EXPECT_THAT(found(), IsEmpty());
  socket.options->no_checksum = true;
  EXPECT_THAT(found(), ElementsAre("socket-no-checksum"));
  socket.options.reset();
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(report().notes, ElementsAre(HasSubstr("needs CAP_SYS_PTRACE")));
}

TEST_F(CheckTest, WhatCannotBeLookedAtIsANote) {
  host.knows_routes = false;
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(report().notes, testing::Contains("no rtnetlink"));
  host.knows_routes = true;
  host.sees_all_namespaces = false;
  EXPECT_THAT(report().notes, ElementsAre(HasSubstr("CAP_SYS_ADMIN")));
}

}  // namespace
}  // namespace zc::core
