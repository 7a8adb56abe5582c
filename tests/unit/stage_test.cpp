// SPDX-License-Identifier: GPL-2.0-only
// Which devices can have a stage, which segments can leave through one, and what attach, probe and
// clean do about it on a kernel in memory.
#include <algorithm>

#include "core/stage.h"

#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "out/steps.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

api::Device ethernet() {
  FakeHost host;
  return host.devices.at("eth0");
}

// --- check_stage ----------------------------------------------------------------------------

TEST(CheckStageTest, AnEthernetDeviceCanHaveOne) {
  EXPECT_TRUE(check_stage(ethernet()));
  for (const char* kind : {"veth", "vlan", "bridge", "bond", "tun", "ifb"}) {
    api::Device device = ethernet();
    device.kind = kind;
    EXPECT_TRUE(check_stage(device)) << kind;
  }
  api::Device device = ethernet();
  device.master_kind = "vrf";
  EXPECT_TRUE(check_stage(device)) << "a VRF does not take the packets away";
}

TEST(CheckStageTest, WhereNoneIsPossibleTheReasonAndWhatWorksAreSaid) {
  struct Refusal {
    void (*change)(api::Device&);
    const char* reason;
    const char* hint;
  };
  for (const Refusal& refusal :
       {Refusal{[](api::Device& d) { d.loopback = true; }, "the loopback device", "without"},
        Refusal{[](api::Device& d) { d.link_type = 65534; }, "bare IP", "without"},  // ARPHRD_NONE
        Refusal{[](api::Device& d) { d.kind = "macvlan"; }, "on a macvlan beside it",
                "attach to the device below it; without --segment"},
        Refusal{[](api::Device& d) { d.kind = "macvtap"; }, "on a macvtap beside it",
                "attach to the device below it; without --segment"},
        Refusal{[](api::Device& d) { d.master_kind = "bridge"; }, "it belongs to a bridge",
                "attach to the bridge itself; without --segment"},
        Refusal{[](api::Device& d) { d.master_kind = "bond"; }, "it belongs to a bond",
                "attach to the bond itself; without --segment"}}) {
    api::Device device = ethernet();
    refusal.change(device);
    const Status status = check_stage(device);
    expect_error(status, ErrorKind::kUnsupported,
                 "packets of many segments cannot be cut on eth0: ", refusal.hint);
    if (!status) {
      EXPECT_THAT(status.error().message, HasSubstr(refusal.reason));
    }
  }
}

// --- check_segment --------------------------------------------------------------------------

struct Edge {
  uint32_t family, checksum;
  uint8_t payload_header;
  uint32_t most;  // on an MTU of 1500
};

// IP 20 or 40, UDP 8 (RFC 768), RTP 12 (RFC 3550 5.1), lco's extension 8, uni's 16.
constexpr Edge kEdges[] = {
    {ZC_IPV4, ZC_CHECKSUM_LCO, 0, 1452},  {ZC_IPV4, ZC_CHECKSUM_UNI, 0, 1444},
    {ZC_IPV4, ZC_CHECKSUM_ZERO, 0, 1460}, {ZC_IPV4, ZC_CHECKSUM_SUM, 0, 1460},
    {ZC_IPV6, ZC_CHECKSUM_LCO, 0, 1432},  {ZC_IPV6, ZC_CHECKSUM_UNI, 0, 1424},
    {ZC_IPV6, ZC_CHECKSUM_SUM, 0, 1440},  {ZC_IPV4, ZC_CHECKSUM_ZERO, 4, 1456},
};

TEST(CheckSegmentTest, ASegmentMustFitWithItsHeaders) {
  for (const Edge& edge : kEdges) {
    zc_rule rule = sample_rule(5004);
    std::strcpy(rule.options.payload_name, "PCMU");
    rule.match.family = edge.family;
    rule.options.how.checksum = static_cast<uint8_t>(edge.checksum);
    rule.options.how.payload_header_bytes = edge.payload_header;
    const auto check = [&](uint32_t bytes) {
      rule.options.segment_bytes = bytes;
      return check_segment({1500, "the MTU of eth0"}, rule);
    };
    SCOPED_TRACE("family " + std::to_string(edge.family) + " way " + std::to_string(edge.checksum));
    EXPECT_TRUE(check(1));
    EXPECT_TRUE(check(edge.most));
    expect_error(check(edge.most + 1), ErrorKind::kUsage, "exceed the MTU of eth0 (1500)",
                 "at most " + std::to_string(edge.most) + " bytes fit");
  }
}

// ISO/IEC 13818-1 2.4.3.2: a TS packet has 188 bytes; 7 of them are 1316, 9 are 1692.
TEST(CheckSegmentTest, WhatFitsOfATransportStreamIsWholePackets) {
  zc_rule rule = sample_rule(5004);
  rule.options.segment_bytes = 1504;
  expect_error(check_segment({1500, "the MTU of eth0"}, rule), ErrorKind::kUsage,
               "exceed the MTU of eth0 (1500)", "at most 1316 bytes fit");
  expect_error(check_segment({1360, "the MTU of the route to 10.0.0.2"}, rule), ErrorKind::kUsage,
               "exceed the MTU of the route to 10.0.0.2 (1360)", "at most 1128 bytes fit");
  expect_error(check_segment({230, "the MTU of eth0"}, rule), ErrorKind::kUsage, "exceed");
}

TEST(CheckSegmentTest, WhereNothingFitsNoSizeIsSuggested) {
  zc_rule rule = sample_rule(5004);
  rule.options.segment_bytes = 1;
  expect_error(check_segment({48, "the MTU of eth0"}, rule), ErrorKind::kUsage, "exceed the MTU");
}

// --- the commands ---------------------------------------------------------------------------

AttachRequest request(const std::string& segment = "1316") {
  RuleArguments words;
  words.to = "10.0.0.2:5004";
  words.payload = "MP2T";
  words.segment = segment;
  AttachRequest request;
  request.dev = "eth0";
  request.spec = value_of(parse_rule(words));
  return request;
}

api::ForeignSocket app_socket(uint64_t cookie, uint32_t segment = 0) {
  api::ForeignSocket socket;
  socket.pid = 7;
  socket.fd = static_cast<uint32_t>(cookie);
  socket.cookie = cookie;
  socket.local = value_of(parse_match("10.0.0.1:40000", "")).to;
  socket.peer = value_of(parse_match("10.0.0.2:5004", "")).to;
  socket.segment_bytes = segment;
  return socket;
}

TEST(StageTest, ItIsMadeBeforeTheRuleAndOnlyOnce) {
  FakeHost host;
  value_of(attach(host, request(""), Run::kReally));
  const auto& calls = host.calls;
  const auto at = [&](const char* name) { return std::find(calls.begin(), calls.end(), name); };
  EXPECT_LT(at("create"), at("make_stage"));
  EXPECT_LT(at("make_stage"), at("add_rule"));
  EXPECT_THAT(host.stages, ElementsAre(2U));
  host.calls.clear();
  AttachRequest second = request();
  second.spec.match.to.port = 5006;
  value_of(attach(host, second, Run::kReally));
  EXPECT_THAT(host.calls, Not(Contains("make_stage")));
}

TEST(StageTest, OneThatSomebodyTookAwayIsMadeAgain) {
  FakeHost host;
  value_of(attach(host, request(), Run::kReally));
  host.stages.clear();
  AttachRequest second = request();
  second.spec.match.to.port = 5006;
  value_of(attach(host, second, Run::kReally));
  EXPECT_THAT(host.stages, ElementsAre(2U));
}

TEST(StageTest, WhereNoneIsPossibleOnlySegmentIsRefused) {
  FakeHost host;
  host.devices.at("eth0").master_kind = "bridge";
  expect_error(attach(host, request(), Run::kReally), ErrorKind::kUnsupported,
               "it belongs to a bridge", "--segment");
  EXPECT_THAT(host.pins, IsEmpty());
  const AttachReport report = value_of(attach(host, request(""), Run::kReally));
  EXPECT_THAT(report.no_stage, HasSubstr("it belongs to a bridge"));
  EXPECT_THAT(host.stages, IsEmpty());
  EXPECT_EQ(host.in_force().size(), 1U);
}

TEST(StageTest, TheLastRuleTakesItWithIt) {
  FakeHost host;
  value_of(attach(host, request(), Run::kReally));
  value_of(detach(host, {"eth0", request().spec.match}, Run::kReally));
  EXPECT_THAT(host.stages, IsEmpty());
}

TEST(StageTest, StatusNamesItAndProbeSaysWhetherThereCanBeOne) {
  FakeHost host;
  EXPECT_EQ(value_of(probe(host, "eth0")).device->no_stage, "");
  value_of(attach(host, request(), Run::kReally));
  EXPECT_EQ(value_of(status(host, "eth0")).devices.at(0).stage, "zcstage");
  host.devices.at("eth0").loopback = true;
  EXPECT_THAT(value_of(probe(host, "eth0")).device->no_stage, HasSubstr("loopback"));
}

TEST(StageTest, CleanTakesThoseWithoutPins) {
  FakeHost host;
  value_of(attach(host, request(), Run::kReally));
  host.stages.insert(3);
  EXPECT_THAT(value_of(clean(host, false, Run::kDry)).stages, ElementsAre(3U));
  EXPECT_EQ(host.stages.size(), 2U);
  EXPECT_THAT(value_of(clean(host, false, Run::kReally)).stages, ElementsAre(3U));
  EXPECT_THAT(host.stages, ElementsAre(2U));
}

TEST(StageTest, TablesAreMadeForTheStreamsThatWereAskedFor) {
  FakeHost host;
  AttachRequest asked = request();
  asked.max_streams = 12;
  value_of(attach(host, asked, Run::kReally));
  EXPECT_EQ(host.pins.at(2).meta.max_streams, 12U);
  asked.spec.match.to.port = 5006;
  asked.max_streams = 13;
  expect_error(attach(host, asked, Run::kReally), ErrorKind::kExists, "hold 12 streams already",
               "detach all its rules first");
  asked.max_streams = 12;
  EXPECT_TRUE(attach(host, asked, Run::kReally));
}

// --- sockets --------------------------------------------------------------------------------

TEST(SocketsTest, EachIsWrittenDownBeforeItIsChanged) {
  FakeHost host;
  host.sockets = {app_socket(70), app_socket(71, 500), app_socket(72, 1316)};
  AttachRequest asked = request();
  asked.pid = 7;
  const AttachReport report = value_of(attach(host, asked, Run::kReally));
  std::vector<std::string> tail;
  for (const std::string& call : host.calls) {
    if (call == "remember_socket" || call == "set_segment" || call == "attach")
      tail.push_back(call);
  }
  EXPECT_THAT(tail, ElementsAre("attach", "remember_socket", "set_segment", "remember_socket",
                                "set_segment"));
  EXPECT_THAT(host.pins.at(2).remembered, ElementsAre(std::pair(70, 0), std::pair(71, 500)));
  EXPECT_EQ(out::steps_text(report.plan).back(),
            "set UDP_SEGMENT of process 7, descriptor 71 (10.0.0.1:40000 to 10.0.0.2:5004) "
            "from 500 to 1316");
  value_of(detach(host, {"eth0", asked.spec.match}, Run::kReally));
  EXPECT_EQ(host.sockets[0].segment_bytes, 0U);
  EXPECT_EQ(host.sockets[1].segment_bytes, 500U);
}

struct SocketStart {
  const char* description;
  void (*prepare)(FakeHost&);
};

const SocketStart kSocketStarts[] = {
    {"nothing there", [](FakeHost&) {}},
    {"another rule there", [](FakeHost& h) { h.put_live("eth0", {sample_rule(5006)}); }},
    {"the rule there with another size",
     [](FakeHost& h) {
       zc_rule rule = sample_rule(5004);
       rule.options.segment_bytes = 188;
       h.put_live("eth0", {rule});
     }},
};

std::vector<uint32_t> segments(const FakeHost& host) {
  std::vector<uint32_t> list;
  for (const auto& [ifindex, there] : host.pins) {
    for (const auto& [id, rule] : there.rules)
      list.push_back(rule.options.segment_bytes);
  }
  for (const api::ForeignSocket& socket : host.sockets)
    list.push_back(socket.segment_bytes);
  return list;
}

TEST(SocketsTest, AFailureAtAnyCallLeavesRulesAndSocketsAsTheyWere) {
  for (const SocketStart& start : kSocketStarts) {
    for (int call = 1;; call++) {
      SCOPED_TRACE(std::string(start.description) + ", call " + std::to_string(call) + " fails");
      FakeHost host;
      start.prepare(host);
      host.sockets = {app_socket(70), app_socket(71, 500)};
      const auto before = host.in_force();
      const auto segments_before = segments(host);
      host.fail_at(call);
      AttachRequest asked = request();
      asked.pid = 7;
      asked.replace = true;
      const auto report = attach(host, asked, Run::kReally);
      if (host.fallible_calls() < call) {
        EXPECT_TRUE(report) << why(report.error());
        break;
      }
      ASSERT_FALSE(report);
      EXPECT_EQ(host.in_force(), before);
      EXPECT_EQ(segments(host), segments_before);
      EXPECT_FALSE(host.any_leftover());
    }
  }
}

TEST(SocketsTest, ADryRunChangesNone) {
  FakeHost host;
  host.sockets = {app_socket(70)};
  AttachRequest asked = request();
  asked.pid = 7;
  EXPECT_THAT(out::steps_text(value_of(attach(host, asked, Run::kDry)).plan).back(),
              AllOf(HasSubstr("descriptor 70"), HasSubstr("from 0 to 1316")));
  EXPECT_EQ(host.sockets[0].segment_bytes, 0U);
}

TEST(SocketsTest, WithoutASocketNothingIsMade) {
  FakeHost host;
  AttachRequest asked = request();
  asked.pid = 7;
  expect_error(attach(host, asked, Run::kReally), ErrorKind::kNotFound, "no such socket");
  EXPECT_THAT(host.pins, IsEmpty());
  EXPECT_THAT(host.stages, IsEmpty());
}

}  // namespace
}  // namespace zc::core
