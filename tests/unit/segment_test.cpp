// SPDX-License-Identifier: GPL-2.0-only
// `--segment`: from words to the rule and the plan, and how stage and segment are shown.
#include <nlohmann/json.hpp>

#include "core/plan.h"
#include "expect.h"
#include "out/steps.h"
#include "out/view.h"
#include "samples.h"
#include "steps.h"

namespace zc {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Json = nlohmann::json;

// --- words ----------------------------------------------------------------------------------

core::RuleArguments words(const std::string& segment, const std::string& payload = "MP2T") {
  core::RuleArguments words;
  words.to = "10.0.0.2:5004";
  words.payload = payload;
  words.segment = segment;
  return words;
}

// What 97 is, only the operator knows.
core::RuleArguments dynamic(const std::string& segment) {
  core::RuleArguments given = words(segment, "");
  given.pt = "97";
  given.clock = "48000";
  return given;
}

TEST(SegmentWordsTest, ASizeIsTakenAndIsInTheRule) {
  EXPECT_EQ(value_of(parse_rule(words(""))).segment_bytes, 0U);
  EXPECT_EQ(value_of(parse_rule(words("1316"))).segment_bytes, 1316U);
  EXPECT_EQ(value_of(parse_rule(words("0x524"))).segment_bytes, 1316U);
  EXPECT_EQ(value_of(parse_rule(dynamic("65507"))).segment_bytes, 65507U);
  EXPECT_EQ(to_abi(value_of(parse_rule(words("188"))), ZC_CHECKSUM_LCO).options.segment_bytes,
            188U);
}

TEST(SegmentWordsTest, WhatIsNoSizeIsRefused) {
  for (const char* text : {"0", "-1", "65508", "99999999999999999999", "1316B", "many", " ", "1.5",
                           "0x", "13 16", "+188"})
    expect_error(parse_rule(words(text)), ErrorKind::kUsage,
                 "--segment takes a number from 1 to 65507, not '" + std::string(text) + "'");
}

// ISO/IEC 13818-1 2.4.3.2: a TS packet has 188 bytes.
TEST(SegmentWordsTest, ASizeThatCutsTsPacketsNeedsForce) {
  struct Odd {
    const char *size, *hint;
  };
  for (const Odd& odd : {Odd{"1400", "1316 is one; --force"}, Odd{"189", "188 is one; --force"},
                         Odd{"187", "--force takes it as it is"}, Odd{"1", "--force takes it"}}) {
    core::RuleArguments given = words(odd.size);
    expect_error(parse_rule(given), ErrorKind::kUsage,
                 "--segment " + std::string(odd.size) +
                     " would cut TS packets: it is no multiple of 188 bytes",
                 odd.hint);
    given.force = true;
    EXPECT_TRUE(parse_rule(given)) << odd.size;
  }
  for (const char* whole : {"188", "376", "1128", "1316", "65424"})
    EXPECT_TRUE(parse_rule(words(whole))) << whole;
  EXPECT_TRUE(parse_rule(dynamic("160"))) << "other payloads have no such unit";
}

TEST(SegmentWordsTest, ForceWithNothingToForceIsRefused) {
  for (core::RuleArguments given : {words(""), dynamic("160"), dynamic("")}) {
    given.force = true;
    expect_error(parse_rule(given), ErrorKind::kUsage, "--force has nothing to force", "--segment");
  }
}

// RFC 3551 4.1: a timestamp is the sampling instant of the packet's first sample. Ten packets of
// one call would all have the same one by the wall clock.
TEST(SegmentWordsTest, PacketsThatNeedTheirOwnTimestampAreRefusedByTheWallClock) {
  for (const char* name : {"PCMU", "PCMA", "GSM", "G722", "G728", "G729", "LPC", "L16/44100/2",
                           "L16/44100/1", "L24/48000/2"}) {
    SCOPED_TRACE(name);
    core::RuleArguments given = words("27720", name);  // whole frames of each of them
    EXPECT_EQ(value_of(parse_rule(given)).clock.kind, ZC_TIMESTAMP_SAMPLES);
    given.timestamp = "wall";
    expect_error(parse_rule(given), ErrorKind::kUsage,
                 "--segment 27720 with --timestamp wall: the packets of one call share a timestamp",
                 "leave --timestamp out");
  }
  for (const char* name : {"G723", "QCELP", "DVI4/8000", "MPA", "opus"}) {
    SCOPED_TRACE(name);
    core::RuleArguments given = words("160", name);
    expect_error(parse_rule(given), ErrorKind::kUsage, "packet needs its own (RFC 3551 4.1)",
                 "packet:TICKS where all packets last as long");
    EXPECT_TRUE(parse_rule(words("", name)));
    for (const char* clock : {"packet:160", "bytes:64k"}) {
      given.timestamp = clock;
      EXPECT_TRUE(parse_rule(given)) << clock;
    }
  }
  core::RuleArguments by_number = dynamic("160");
  EXPECT_TRUE(parse_rule(by_number)) << "of a dynamic type nobody can know";
  by_number.pt = "14";
  by_number.clock = "90000";
  EXPECT_FALSE(parse_rule(by_number)) << "this is MPA, too";
}

// RFC 3551 4.5: GSM's frames have 33 octets, G729's 10; a sample of L16 in stereo has 4.
TEST(SegmentWordsTest, ASizeThatCutsFramesIsRefused) {
  struct Cut {
    const char *payload, *size, *message, *hint;
  };
  for (const Cut& cut : {Cut{"L16/44100/2", "1322", "no multiple of 4 bytes", "1320 is one"},
                         {"L16/44100/1", "161", "no multiple of 2 bytes", "160 is one"},
                         {"L24/48000/6", "1440", "", ""},
                         {"L24/48000/6", "1450", "no multiple of 18 bytes", "1440 is one"},
                         {"GSM", "32", "no multiple of 33 bytes", "33 is one"},
                         {"GSM", "66", "", ""},
                         {"G729", "25", "no multiple of 10 bytes", "20 is one"},
                         {"PCMU", "161", "", ""}}) {
    SCOPED_TRACE(std::string(cut.payload) + " " + cut.size);
    core::RuleArguments given = words(cut.size, cut.payload);
    for (const char* clock : {"", "packet:160"}) {
      given.timestamp = clock;
      if (cut.message[0] == '\0')
        EXPECT_TRUE(parse_rule(given));
      else
        expect_error(parse_rule(given), ErrorKind::kUsage, cut.message, cut.hint);
    }
  }
}

TEST(SegmentWordsTest, PayloadType33At90KilohertzIsATransportStreamToo) {
  core::RuleArguments given = words("1400", "");
  given.pt = "33";
  given.clock = "90000";
  EXPECT_FALSE(parse_rule(given));
  given.pt = "96";
  EXPECT_TRUE(parse_rule(given));
}

TEST(SegmentWordsTest, AnotherSizeMakesARuleDifferent) {
  const zc_rule one = to_abi(value_of(parse_rule(words("188"))), ZC_CHECKSUM_LCO);
  EXPECT_TRUE(core::same_options(one, one));
  for (const char* other : {"", "376"})
    EXPECT_FALSE(
        core::same_options(one, to_abi(value_of(parse_rule(words(other))), ZC_CHECKSUM_LCO)));
}

// --- plan -----------------------------------------------------------------------------------

api::ForeignSocket app_socket(uint32_t fd, uint32_t segment) {
  api::ForeignSocket socket;
  socket.pid = 7;
  socket.fd = fd;
  socket.local = value_of(core::parse_match("10.0.0.1:40000", "")).to;
  socket.peer = value_of(core::parse_match("10.0.0.2:5004", "")).to;
  socket.segment_bytes = segment;
  return socket;
}

core::ResolvedAttach wish(bool stage, std::vector<api::ForeignSocket> sockets = {}) {
  core::ResolvedAttach wish;
  wish.device.name = "eth0";
  wish.rule = sample_rule(5004);
  wish.rule.options.segment_bytes = 1316;
  wish.stage = stage;
  wish.sockets = std::move(sockets);
  return wish;
}

core::DeviceState live(uint32_t stage, const std::vector<zc_rule>& rules) {
  core::DeviceState state;
  state.pins = sample_pins(api::PinnedDevice::State::kLive);
  state.meta.stage = stage;
  for (const zc_rule& rule : rules)
    state.rules.push_back({.id = static_cast<uint32_t>(state.rules.size()), .rule = rule});
  return state;
}

TEST(SegmentPlanTest, TheStageIsMadeBeforeTheRuleWhereThereCanBeOne) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(true), {}))),
              ElementsAre(Kind::kLoad, Kind::kMakeStage, Kind::kAddRule, Kind::kAttach));
  EXPECT_THAT(kinds(value_of(plan_attach(wish(false), {}))),
              ElementsAre(Kind::kLoad, Kind::kAddRule, Kind::kAttach));
}

TEST(SegmentPlanTest, AStageThatIsThereIsKeptAndAMissingOneIsMadeAgain) {
  const std::vector<zc_rule> others = {sample_rule(5006)};
  EXPECT_THAT(kinds(value_of(plan_attach(wish(true), live(9, others)))),
              ElementsAre(Kind::kAddRule));
  EXPECT_THAT(kinds(value_of(plan_attach(wish(true), live(0, others)))),
              ElementsAre(Kind::kMakeStage, Kind::kAddRule));
}

// A detach that was killed leaves it so: the rule is in force, its stage is not.
TEST(SegmentPlanTest, TheSameRuleAgainBringsALostStageBack) {
  EXPECT_THAT(kinds(value_of(plan_attach(wish(true), live(0, {wish(true).rule})))),
              ElementsAre(Kind::kMakeStage));
  expect_error(plan_attach(wish(false), live(0, {wish(true).rule})), ErrorKind::kExists,
               "eth0 has this rule already");
}

TEST(SegmentPlanTest, SocketsComeLastAndOnlyThoseOfAnotherSize) {
  const core::Plan plan =
      value_of(plan_attach(wish(true, {app_socket(3, 0), app_socket(4, 1316)}), {}));
  EXPECT_THAT(kinds(plan), ElementsAre(Kind::kLoad, Kind::kMakeStage, Kind::kAddRule, Kind::kAttach,
                                       Kind::kSetSegment));
  EXPECT_EQ(std::get<core::step::SetSegment>(plan.steps.back()).socket.fd, 3U);
  EXPECT_EQ(out::steps_text(plan).back(),
            "set UDP_SEGMENT of process 7, descriptor 3 (10.0.0.1:40000 to 10.0.0.2:5004) from 0 "
            "to 1316");
}

TEST(SegmentPlanTest, TheSameRuleForALaterAppIsOnlyItsSockets) {
  const core::DeviceState state = live(9, {wish(true).rule});
  EXPECT_THAT(kinds(value_of(plan_attach(wish(true, {app_socket(3, 0)}), state))),
              ElementsAre(Kind::kSetSegment));
  expect_error(plan_attach(wish(true, {app_socket(3, 1316)}), state), ErrorKind::kExists,
               "eth0 has this rule already");
  core::ResolvedAttach again = wish(true, {app_socket(3, 1316)});
  again.replace = true;
  EXPECT_THAT(value_of(plan_attach(again, state)).steps, IsEmpty());
}

// --- what is shown --------------------------------------------------------------------------

core::HostStatus sample_status(const std::string& stage, uint32_t segment) {
  core::DeviceStatus device;
  device.dev = "eth0";
  device.stage = stage;
  device.meta.hook = ZC_HOOK_TCX;
  api::RuleEntry entry{0, sample_rule(5004), {}};
  entry.rule.options.segment_bytes = segment;
  entry.counts.packets[ZC_VERDICT_super] = 4;
  entry.counts.packets[ZC_VERDICT_uncut] = 5;
  device.rules.push_back(entry);
  return {{device}, {}};
}

TEST(SegmentViewTest, ShowNamesStageSegmentAndTheTwoCounters) {
  const auto text = out::make_text_view();
  EXPECT_THAT(text->status(sample_status("zcstage2", 1316), out::Streams::kBusiest),
              AllOf(HasSubstr("eth0: tcx egress, stage zcstage2\n"),
                    HasSubstr("checksum lco (auto), segment 1316, "),
                    HasSubstr("stamped 0, super 4, uncut 5\n")));
  EXPECT_THAT(text->status(sample_status("", 0), out::Streams::kBusiest),
              AllOf(HasSubstr("tcx egress, no stage\n"), Not(HasSubstr("segment"))));

  const auto json = out::make_json_view();
  const Json device = Json::parse(
      json->status(sample_status("zcstage2", 1316), out::Streams::kBusiest))["devices"][0];
  EXPECT_EQ(device["stage"], "zcstage2");
  EXPECT_EQ(device["rules"][0]["segment"], 1316);
  EXPECT_EQ(device["rules"][0]["counters"]["super"], 4);
  EXPECT_EQ(device["rules"][0]["counters"]["uncut"], 5);
  const Json none =
      Json::parse(json->status(sample_status("", 0), out::Streams::kBusiest))["devices"][0];
  EXPECT_TRUE(none["stage"].is_null() && none["rules"][0]["segment"].is_null());
}

core::ProbeReport sample_probe(const std::string& no_stage, bool segmentation) {
  core::ProbeReport report;
  report.device.emplace();
  report.device->device.name = "eth0";
  report.device->device.udp_segmentation = segmentation;
  report.device->no_stage = no_stage;
  return report;
}

TEST(SegmentViewTest, ProbeSaysHowManyPacketsACallCanCarryAndWhy) {
  const auto text = out::make_text_view();
  EXPECT_THAT(text->probe(sample_probe("", false)),
              AllOf(HasSubstr("packets per call:   many (UDP_SEGMENT): a stage cuts them"),
                    Not(HasSubstr("own segmentation"))));
  EXPECT_THAT(text->probe(sample_probe("", true)),
              HasSubstr("the device's own segmentation cannot help: a packet is stamped after"));
  EXPECT_THAT(text->probe(sample_probe("it is tired", true)),
              AllOf(HasSubstr("packets per call:   one: it is tired\n"),
                    Not(HasSubstr("own segmentation"))));

  const auto json = out::make_json_view();
  const Json many = Json::parse(json->probe(sample_probe("", true)))["device"];
  EXPECT_EQ(many["many_packets_per_call"], true);
  EXPECT_EQ(many["udp_segmentation"], true);
  EXPECT_TRUE(many["no_stage"].is_null());
  const Json one = Json::parse(json->probe(sample_probe("it is tired", false)))["device"];
  EXPECT_EQ(one["many_packets_per_call"], false);
  EXPECT_EQ(one["no_stage"], "it is tired");
}

TEST(SegmentViewTest, CleanNamesTheDevicesWhoseStageWent) {
  core::CleanReport report;
  report.stages = {5, 6};
  const auto text = out::make_text_view();
  EXPECT_THAT(text->clean(report, core::Run::kReally),
              HasSubstr("removed the stage of device index 5, which no pins belong to\n"
                        "removed the stage of device index 6,"));
  EXPECT_THAT(text->clean(report, core::Run::kDry),
              HasSubstr("would remove the stage of device index 5,"));
  const auto json = out::make_json_view();
  EXPECT_EQ(Json::parse(json->clean(report, core::Run::kReally))["stages"], Json::parse("[5, 6]"));
}

TEST(SegmentViewTest, AttachTellsInJsonWhyThereIsNoStage) {
  core::AttachReport report;
  report.rule = sample_rule(5004);
  report.hook = ZC_HOOK_TCX;
  const auto json = out::make_json_view();
  EXPECT_TRUE(Json::parse(json->attach("eth0", report, core::Run::kReally))["no_stage"].is_null());
  report.no_stage = "it is tired";
  EXPECT_EQ(Json::parse(json->attach("eth0", report, core::Run::kReally))["no_stage"],
            "it is tired");
}

}  // namespace
}  // namespace zc
