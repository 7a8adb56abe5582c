// SPDX-License-Identifier: GPL-2.0-only
// The text view: not every word, but what people rely on.
#include <cstring>

#include "expect.h"
#include "out/view.h"
#include "samples.h"

namespace zc::out {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

core::HostStatus sample_status() {
  core::DeviceStatus device;
  device.dev = "eth0";
  device.meta.hook = ZC_HOOK_TCX;
  api::RuleEntry entry{0, sample_rule(5004, 1), {}};
  entry.counts.packets[ZC_VERDICT_oversize] = 3;
  device.rules.push_back(entry);
  api::StreamEntry stream;
  stream.flow = sample_rule(5004, 1, 40000).match;
  stream.stream = {.next_seq = 12,
                   .first_seq = 5,
                   .octets = 700,
                   .last_ns = 0,
                   .last_ts = 9,
                   .ts_base = 0,
                   .ssrc = 0xab,
                   .rule = 0,
                   .state = 1,
                   .epoch = 0,
                   .ttl = 0,
                   .tos = 0,
                   .mapping = 0};
  device.streams.push_back(stream);
  return {{device}, {}};
}

TEST(TextTest, AStreamThatFollowsPcrsSaysWhoseAndWhetherItHasTheirRate) {
  core::HostStatus status = sample_status();
  zc_clock& clock = status.devices[0].streams[0].clock;
  clock.pid = 256;
  clock.flags = ZC_CLOCK_BEGUN;
  EXPECT_THAT(make_text_view()->status(status, Streams::kBusiest),
              HasSubstr(" pcr-pid 256 not locked\n"));
  clock.flags |= ZC_CLOCK_LOCKED;
  EXPECT_THAT(make_text_view()->status(status, Streams::kBusiest),
              HasSubstr(" pcr-pid 256 locked\n"));
}

TEST(TextTest, ShowNamesRulesStreamsAndCounters) {
  const std::string text = make_text_view()->status(sample_status(), Streams::kBusiest);
  EXPECT_THAT(text, AllOf(HasSubstr("eth0: tcx egress, no stage\n"),
                          HasSubstr("rule 10.0.0.2:5004 from 10.0.0.1\n"),
                          HasSubstr("MP2T pt 33 clock 90000"), HasSubstr("checksum lco (auto)"),
                          HasSubstr("stamped 0, oversize 3\n"), Not(HasSubstr("fragment"))));
  EXPECT_THAT(text, HasSubstr("stream 10.0.0.1:40000 -> 10.0.0.2:5004 ssrc 0x000000ab seq 11 ts 9 "
                              "packets 7 octets 700\n"));
}

TEST(TextTest, ARuleSaysAllThatItsOperatorSaid) {
  core::HostStatus status = sample_status();
  zc_options& options = status.devices[0].rules[0].rule.options;
  options.how.timestamp = ZC_TIMESTAMP_PCR;
  options.how.flags = ZC_RULE_CONTINUE;
  options.how.pace = ZC_PACE_RATE;
  options.how.rtcp = ZC_RTCP_MUX;
  options.pcr_pid = 256;
  options.rate_bps = 8000000;
  options.idle_s = 30;
  options.ptime_us = 125;
  std::strcpy(options.fmtp, "a=1");
  EXPECT_THAT(
      make_text_view()->status(status, Streams::kBusiest),
      HasSubstr("\n    MP2T pt 33 clock 90000, timestamp pcr of PID 256, checksum lco, rate "
                "8000000, rtcp mux, idle 30 s, one stream (--continue), ptime 0.125 ms, fmtp "
                "a=1\n"));
}

TEST(TextTest, ShowNamesWhatStandsBeforeOurProgram) {
  core::HostStatus status = sample_status();
  status.devices[0].before = {{.name = "other", .program = 17},
                              {.hook = ZC_HOOK_CLSACT, .name = "u32", .preference = 1}};
  const std::string text = make_text_view()->status(status, Streams::kBusiest);
  EXPECT_THAT(text, AllOf(HasSubstr("note: tcx program 17 (other) sees packets before zcctl"),
                          HasSubstr("note: clsact filter u32, pref 1 sees packets before zcctl")));
}

// `count` streams; the busiest is the last one, of source port 10000 + count, with `count` packets.
core::HostStatus many_streams(uint32_t count) {
  core::HostStatus status = sample_status();
  std::vector<core::StreamStatus>& streams = status.devices[0].streams;
  const core::StreamStatus sample = streams[0];
  streams.clear();
  for (uint32_t i = 1; i <= count; i++) {
    streams.push_back(sample);
    streams.back().flow = sample_rule(5004, 1, static_cast<uint16_t>(10000 + i)).match;
    streams.back().stream.next_seq = sample.stream.first_seq + i;
  }
  return status;
}

size_t lines_of(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    count++;
  return count;
}

TEST(TextTest, OfManyStreamsShowGivesTotalsAndTheBusiestTen) {
  const core::HostStatus status = many_streams(20000);
  const std::string text = make_text_view()->status(status, Streams::kBusiest);
  EXPECT_EQ(lines_of(text, "  stream "), 10U);
  // 1 + 2 + … + 20000 packets, of 700 octets a stream.
  EXPECT_THAT(text,
              AllOf(HasSubstr("  20000 streams: 200010000 packets, 14000000 octets\n"),
                    HasSubstr("19990 streams with fewer packets: `show --all` lists them\n")));
  size_t before = 0;
  for (int port = 30000; port > 29990; port--) {
    const size_t place = text.find("10.0.0.1:" + std::to_string(port) + " -> ");
    ASSERT_NE(place, std::string::npos) << port;
    EXPECT_GT(place, before) << port << ": the busiest comes first";
    before = place;
  }
}

TEST(TextTest, AllStreamsAreListedWhereTheyAreFewOrAskedFor) {
  const std::string few = make_text_view()->status(many_streams(10), Streams::kBusiest);
  EXPECT_EQ(lines_of(few, "  stream "), 10U);
  EXPECT_THAT(few, AllOf(Not(HasSubstr("--all")), Not(HasSubstr("streams:"))));
  const std::string all = make_text_view()->status(many_streams(11), Streams::kAll);
  EXPECT_EQ(lines_of(all, "  stream "), 11U);
  EXPECT_THAT(all, AllOf(HasSubstr("  11 streams: 66 packets"), Not(HasSubstr("--all"))));
}

TEST(TextTest, ShowTellsFindingsBelowTheirDevice) {
  core::HostStatus status = sample_status();
  status.devices[0].findings = {{"a", "the cat is out", "call it"}, {"b", "it rains", ""}};
  EXPECT_THAT(make_text_view()->status(status, Streams::kBusiest),
              testing::StartsWith("eth0: tcx egress, no stage\n"
                                  "  ! the cat is out\n"
                                  "    hint: call it\n"
                                  "  ! it rains\n"
                                  "  rule "));
}

// A process chooses its name, and anybody a device's: root's terminal must not do what they say.
TEST(TextTest, WhatOthersNamedDoesNothingToTheTerminal) {
  core::CheckReport report;
  report.findings = {{"a", "process 7 (\x1b]0;x\x07)", "strace \n\x1b[2J"}};
  report.notes = {"the queue of \x1b[2J"};
  EXPECT_EQ(make_text_view()->check(report),
            "! process 7 (\\x1b]0;x\\x07)\n  hint: strace \\n\\x1b[2J\n"
            "note: the queue of \\x1b[2J\n");
  core::HostStatus status = sample_status();
  status.devices[0].dev = "a\x1b[2J";
  status.devices[0].findings = report.findings;
  status.devices[0].before = {{.name = "b\x1b[2J", .program = 17}};
  EXPECT_THAT(make_text_view()->status(status, Streams::kBusiest),
              AllOf(testing::StartsWith("a\\x1b[2J: tcx egress"), HasSubstr("b\\x1b[2J"),
                    Not(HasSubstr("\x1b"))));
}

TEST(TextTest, ShowNamesLeftoversAndHowToRemoveThem) {
  using State = api::PinnedDevice::State;
  core::HostStatus status;
  status.troubles = {
      {{sample_pins(State::kLeftover, 5, "its device is gone")}, "eth7", {sample_rule(5004, 1)}},
      {{sample_pins(State::kOtherVersion, 6, "layout 9")}},
      {{sample_pins(State::kLeftover, 7, "it moved")}, "$(a)'b", {sample_rule(5004, 1)}}};
  status.troubles[2].moved = true;
  const std::string text = make_text_view()->status(status, Streams::kBusiest);
  EXPECT_THAT(text, AllOf(HasSubstr("index 5: its device is gone; `zcctl clean` removes them\n"
                                    "  not in force: zcctl attach eth7 --to 10.0.0.2:5004 --from "
                                    "10.0.0.1 --payload MP2T\n"),
                          HasSubstr("index 6: layout 9; `zcctl clean --force` removes"),
                          HasSubstr("  in force: zcctl attach '$(a)'\\''b' --to 10.0.0.2:5004")));
}

TEST(TextTest, WhatIsDoneIsSilentAndWhatWouldBeDoneIsTold) {
  core::AttachReport report;
  report.plan = {"eth0", {}, {core::step::AddRule{sample_rule(5004)}}};
  EXPECT_EQ(make_text_view()->attach("eth0", report, core::Run::kReally), "");
  EXPECT_EQ(make_text_view()->attach("eth0", report, core::Run::kDry),
            "would add rule 10.0.0.2:5004: MP2T pt 33 clock 90000, timestamp wall (auto), checksum "
            "lco (auto), rtcp off (auto)\n");
  EXPECT_EQ(make_text_view()->detach(report.plan, core::Run::kReally), "");
  EXPECT_EQ(make_text_view()->detach(report.plan, core::Run::kDry),
            "would add rule 10.0.0.2:5004: MP2T pt 33 clock 90000, timestamp wall (auto), checksum "
            "lco (auto), rtcp off (auto)\n");
}

TEST(TextTest, ProbeTellsTheWayAndTheReason) {
  core::ProbeReport report;
  report.features.release = "6.18.0";
  core::ProbeReport::DeviceReport about;
  about.device.name = "eth0";
  about.ipv4 = {{ZC_CHECKSUM_UNI, "because", ""}, {{ZC_CHECKSUM_LCO, "", "look first"}}};
  about.ipv6 = {{ZC_CHECKSUM_SUM, "it is safe", ""}, {}};
  report.device = about;
  EXPECT_THAT(make_text_view()->probe(report),
              AllOf(HasSubstr("kernel 6.18.0"), HasSubstr("device eth0"), HasSubstr("uni: because"),
                    HasSubstr("costs 28 bytes"), HasSubstr("or --checksum lco: 20 bytes"),
                    HasSubstr("but look first"), HasSubstr("sum: it is safe")));
}

TEST(TextTest, TheSessionDescriptionIsPrintedAsItIs) {
  EXPECT_EQ(make_text_view()->sdp({"v=0\r\n"}), "v=0\r\n");
  EXPECT_EQ(make_text_view()->sdp({"v=0\r\n", "vlc", "vlc rtp://@:5004\n"}), "vlc rtp://@:5004\n");
}

}  // namespace
}  // namespace zc::out
