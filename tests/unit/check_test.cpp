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
  FakePins& pins = host.pins.at(2);
  const auto mend = [&] {
    const CheckReport now = report();
    EXPECT_EQ(now.findings.size(), 1U);
    EXPECT_EQ(now.findings.at(0).id, "pins");
    return now.findings.at(0).mend;
  };
  pins.taken_off = true;
  EXPECT_THAT(mend(), testing::StartsWith("the same `zcctl attach`"));
  pins.taken_off = false;
  pins.attached = false;
  EXPECT_EQ(mend(), "`zcctl clean` removes them");
  pins.attached = true;
  pins.damaged = true;
  EXPECT_EQ(mend(), "`zcctl clean --force` removes them");
  pins.damaged = false;
  pins.other_version = true;
  EXPECT_EQ(mend(), "`zcctl clean --force` removes them");
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

TEST_F(CheckTest, AQueueThatLivesForMonthsMayHaveDroppedSome) {
  api::Queue queue{"fq_codel", "8001:", true, 1000000, 500};
  host.the_queues = {queue};
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(report().notes, IsEmpty());
  host.the_queues[0].dropped = 50000;
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(report().notes, ElementsAre(HasSubstr("has dropped 50000 packets")));
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 1); };
  EXPECT_THAT(found(2), IsEmpty()) << "nothing grows";
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 1), host.the_queues[0].dropped++; };
  EXPECT_THAT(found(2), ElementsAre("queue-drops"));
  host.the_queues[0].root = false;
  EXPECT_THAT(found(2), IsEmpty()) << "its parent counts it";
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
  host.pins.at(2).rules[0].options.segment_bytes = 1316;
  EXPECT_THAT(found(), ElementsAre("too-large-for-path"));
}

// What was sent before the watch had other headers, or another MTU, and is over.
TEST_F(CheckTest, SizesOfWhatAStreamSendsNow) {
  api::Route route = value_of(host.route(value_of(parse_match("10.0.0.2:1", "")).to, {}));
  route.mtu = 1360;
  host.routes["10.0.0.2"] = route;
  api::StreamEntry entry;
  entry.flow = sample_rule(5004, 1, 40000).match;
  entry.stream.next_seq = 10;
  entry.stream.octets = 20000;
  host.pins.at(2).streams = {entry};
  zc_stream& stream = host.pins.at(2).streams[0].stream;
  const auto send_of = [&](uint64_t octets) {
    host.on_wait = [this, &stream, octets] {
      count(ZC_VERDICT_stamped, 10), stream.next_seq += 10, stream.octets += octets;
    };
  };
  EXPECT_THAT(found(), IsEmpty());
  send_of(13160);  // 1316 + 20 + 8 + 20 = 1364 bytes each
  EXPECT_THAT(report(2).findings.at(0).text, HasSubstr("1364 bytes"));
  send_of(13120);  // 1312: they fit just so
  EXPECT_THAT(found(2), IsEmpty());
  zc_how& how = host.pins.at(2).rules[0].options.how;
  how.payload_header_bytes = 4;  // RFC 2250 3.5: octets like others
  how.checksum = ZC_CHECKSUM_SUM;
  send_of(13200);  // 1320 + 20 + 8 + 12 = 1360
  EXPECT_THAT(found(2), IsEmpty());
}

TEST_F(CheckTest, ANeighbourThatAnswersMeanwhileIsFine) {
  host.the_neighbour = api::Neighbour::kWaiting;
  EXPECT_THAT(found(), ElementsAre("neighbour-failed"));
  host.on_wait = [&] { host.the_neighbour = api::Neighbour::kReachable; };
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(CheckTest, PacketsThatComeNowAreRightAndTheTableIsNot) {
  host.routes["10.0.0.2"] = api::Route();
  host.routes["10.0.0.2"].kind = api::Route::Kind::kUnicast;
  host.routes["10.0.0.2"].leaves_by = {3};
  EXPECT_THAT(found(), ElementsAre("other-route"));
  host.on_wait = [&] { count(ZC_VERDICT_stamped, 1); };
  EXPECT_THAT(found(2), IsEmpty());
  host.routes.clear();
  host.the_neighbour = api::Neighbour::kFailed;
  EXPECT_THAT(found(), ElementsAre("neighbour-failed"));
  EXPECT_THAT(found(2), IsEmpty());
  host.devices["eth0"].carrier = false;
  EXPECT_THAT(found(2), ElementsAre("no-carrier"));
}

TEST_F(CheckTest, WhatIsBehindTheHookDoesNotExplainSilence) {
  nothing_came();
  host.pins.at(2).meta.stage = 7;
  EXPECT_THAT(found(), ElementsAre("stage-lost", "no-packets"));
  host.on_wait = [] {};
  const std::string text = report(2).findings.at(0).text;
  EXPECT_THAT(text, testing::Not(HasSubstr("while it was watched"))) << "no counter says so";
}

TEST_F(CheckTest, NobodyTracesAProcessThatCannotBeSeen) {
  nothing_came();
  add_socket().pid = 0;
  EXPECT_THAT(report(2).findings.at(0).mend, testing::Not(HasSubstr("strace")));
  EXPECT_EQ(report(2).findings.at(0).id, "no-packets");
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
  CheckRequest request{"eth0", value_of(parse_match("239.1.1.1:5004", ""))};
  const auto first = [&] { return value_of(check(host, request)).findings.at(0).id; };
  EXPECT_THAT(value_of(check(host, request)).findings, IsEmpty());
  host.devices["eth0"].carrier = false;
  EXPECT_EQ(first(), "no-carrier");
  host.devices["eth0"].carrier = true;
  nothing_came();
  EXPECT_EQ(first(), "no-packets") << "it may name the device";
  request.watch = std::chrono::seconds(2);
  EXPECT_EQ(first(), "no-route");
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
