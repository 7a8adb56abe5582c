// SPDX-License-Identifier: GPL-2.0-only
// The JSON view, parsed by another library's parser and compared with interface.md: keys, types
// and values. More keys may come; these keep their names.
#include <arpa/inet.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "expect.h"
#include "out/view.h"
#include "samples.h"

namespace zc::out {
namespace {

using Json = nlohmann::json;

// Every key of `expected` is in `actual` with the same value; lists have the same length.
void expect_contains(const Json& actual, const Json& expected, const std::string& where) {
  SCOPED_TRACE(where);
  ASSERT_EQ(actual.type_name(), std::string(expected.type_name())) << actual.dump();
  if (expected.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (actual.contains(key))
        expect_contains(actual.at(key), value, std::string(where).append(".").append(key));
      else
        ADD_FAILURE() << where << " has no " << key;
    }
  } else if (expected.is_array()) {
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < expected.size(); i++)
      expect_contains(actual[i], expected[i], where + "[" + std::to_string(i) + "]");
  } else {
    EXPECT_EQ(actual, expected);
  }
}

Json parse(const std::string& text) {
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(text.find('\n'), text.size() - 1) << "one document, one line";
  Json json = Json::parse(text, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << text;
  EXPECT_EQ(json.value("schema", 0), 1);
  return json;
}

api::StreamEntry sample_stream() {
  api::StreamEntry entry;
  entry.flow = sample_rule(5004, 1, 40000).match;
  entry.stream.first_seq = 65530;
  entry.stream.next_seq = 65540;  // ten packets, the last one is 65539: on the wire 3
  entry.stream.octets = 13160;
  entry.clock.pid = 256;
  entry.clock.flags = ZC_CLOCK_BEGUN | ZC_CLOCK_LOCKED;
  entry.stream.ssrc = 0x00c0ffee;
  entry.stream.last_ts = 4000000000;
  return entry;
}

core::HostStatus sample_status() {
  core::DeviceStatus device;
  device.dev = "eth0";
  device.meta.hook = ZC_HOOK_TCX;
  api::RuleEntry entry{0, sample_rule(5004), {}};
  for (uint64_t i = 0; i < ZC_VERDICT_COUNT; i++)
    entry.counts.packets[i] = 100 + i;
  device.rules.push_back(entry);
  device.streams.push_back(sample_stream());
  device.before = {{.name = "other", .program = 17},
                   {.hook = ZC_HOOK_CLSACT, .name = "u32", .preference = 1, .handle = 1}};
  device.doubled = {
      {core::to_match(sample_rule(5004).match), "br0", core::to_match(sample_rule(5004, 1).match)}};
  return {{device}, {}};
}

// interface.md, "JSON", with values.
constexpr const char* kShow = R"({
  "schema": 1,
  "devices": [{
    "dev": "eth0", "hook": "tcx", "stage": null,
    "rules": [{
      "to": "10.0.0.2:5004", "from": null, "payload": "MP2T", "pt": 33, "clock": 90000,
      "timestamp": "wall", "timestamp_auto": true, "pcr_pid": null, "checksum": "lco",
      "checksum_auto": true, "segment": null, "rate": null, "rtcp": "off", "rtcp_auto": true,
      "idle": null, "continue": false, "media": null, "fmtp": null, "ptime": null,
      "counters": {"stamped": 100, "super": 101, "oversize": 102, "fragment": 103,
                   "ip_options": 104, "short": 105, "no_room": 106, "no_state": 107}}],
    "streams": [{
      "from": "10.0.0.1:40000", "to": "10.0.0.2:5004", "ssrc": "0x00c0ffee", "seq": 3,
      "ts": 4000000000, "packets": 10, "octets": 13160,
      "pcr": {"pid": 256, "locked": true, "steady": false}}],
    "before": [{"hook": "tcx", "program": 17, "name": "other", "pref": null},
               {"hook": "clsact", "program": null, "name": "u32", "pref": 1}],
    "doubled": [{"rule": {"to": "10.0.0.2:5004", "from": null}, "other_dev": "br0",
                 "other": {"to": "10.0.0.2:5004", "from": "10.0.0.1"}}]}]})";

TEST(JsonTest, ShowIsWhatTheInterfacePromises) {
  expect_contains(parse(make_json_view()->status(sample_status(), Streams::kBusiest)),
                  Json::parse(kShow), "show");
}

TEST(JsonTest, FindingsAreTheDevices) {
  core::HostStatus status = sample_status();
  status.devices[0].findings = {{"a", "the cat is out", "call it"}, {"b", "it rains", ""}};
  EXPECT_EQ(parse(make_json_view()->status(status, Streams::kAll)).at("devices")[0].at("findings"),
            Json::parse(R"([{"id": "a", "text": "the cat is out", "mend": "call it"},
                            {"id": "b", "text": "it rains", "mend": null}])"));
  EXPECT_EQ(parse(make_json_view()->status(sample_status(), Streams::kAll))
                .at("devices")[0]
                .at("findings"),
            Json::array());
}

TEST(JsonTest, AHostWithoutRulesIsAnEmptyList) {
  expect_contains(parse(make_json_view()->status({}, Streams::kBusiest)),
                  Json::parse(R"({"devices": []})"), "show");
  EXPECT_EQ(parse(make_json_view()->status({}, Streams::kBusiest)).at("devices").size(), 0U);
}

TEST(JsonTest, ARuleWithASourceAndWithoutAPayloadNameSaysSo) {
  core::HostStatus status = sample_status();
  zc_rule& rule = status.devices[0].rules[0].rule;
  rule = sample_rule(5004, 1, 40000);
  rule.options.payload_name[0] = '\0';
  rule.options.how.checksum = ZC_CHECKSUM_ZERO;
  status.devices[0].meta.hook = ZC_HOOK_CLSACT;
  const Json device = parse(make_json_view()->status(status, Streams::kBusiest)).at("devices")[0];
  EXPECT_EQ(device.at("hook"), "clsact");
  EXPECT_EQ(device.at("rules")[0].at("from"), "10.0.0.1:40000");
  EXPECT_TRUE(device.at("rules")[0].at("payload").is_null());
  EXPECT_EQ(device.at("rules")[0].at("checksum"), "zero");
}

TEST(JsonTest, WhatARuleSaysOfItsStreamsIsThere) {
  core::HostStatus status = sample_status();
  zc_options& options = status.devices[0].rules[0].rule.options;
  options.how.timestamp = ZC_TIMESTAMP_BYTES;
  options.clock_bps = 1500000;
  options.how.pace = ZC_PACE_RATE;
  options.rate_bps = 1600000;
  options.how.rtcp = ZC_RTCP_MUX;
  options.how.flags = ZC_RULE_CONTINUE;
  options.how.media = ZC_MEDIA_VIDEO;
  options.pcr_pid = 256;
  options.idle_s = 30;
  options.ptime_us = 125;
  std::strcpy(options.fmtp, "a=1");
  const auto shown = [&] {
    return parse(make_json_view()->status(status, Streams::kBusiest))
        .at("devices")[0]
        .at("rules")[0];
  };
  expect_contains(shown(), Json::parse(R"({
    "timestamp": "bytes:1500000", "timestamp_auto": false, "pcr_pid": 256, "rate": 1600000,
    "rtcp": "mux", "rtcp_auto": false, "idle": 30, "continue": true, "media": "video",
    "fmtp": "a=1", "ptime": 0.125})"),
                  "rule");
  options.how.timestamp = ZC_TIMESTAMP_PACKET;
  options.ticks_whole = 960;
  options.how.pace = ZC_PACE_PCR;
  EXPECT_EQ(shown().at("timestamp"), "packet:960");
  EXPECT_EQ(shown().at("rate"), "auto");
}

TEST(JsonTest, Ipv6AddressesHaveBrackets) {
  core::HostStatus status = sample_status();
  zc_flow& flow = status.devices[0].streams[0].flow;
  flow = {};
  flow.family = ZC_IPV6;
  inet_pton(AF_INET6, "2001:db8::2", flow.daddr);
  inet_pton(AF_INET6, "2001:db8::1", flow.saddr);
  flow.dport = htons(5004);
  flow.sport = htons(40000);
  const Json stream =
      parse(make_json_view()->status(status, Streams::kBusiest)).at("devices")[0].at("streams")[0];
  EXPECT_EQ(stream.at("to"), "[2001:db8::2]:5004");
  EXPECT_EQ(stream.at("from"), "[2001:db8::1]:40000");
}

TEST(JsonTest, CountersKeepTheirPrecision) {
  core::HostStatus status = sample_status();
  status.devices[0].rules[0].counts.packets[ZC_VERDICT_stamped] = 18446744073709551615U;
  status.devices[0].streams[0].stream.octets = 9007199254740993;  // 2^53 + 1: no double holds it
  const Json device = parse(make_json_view()->status(status, Streams::kBusiest)).at("devices")[0];
  EXPECT_EQ(device.at("rules")[0].at("counters").at("stamped").get<uint64_t>(),
            18446744073709551615U);
  EXPECT_EQ(device.at("streams")[0].at("octets").get<uint64_t>(), 9007199254740993U);
}

TEST(JsonTest, AttachTellsTheRuleTheHookAndTheSteps) {
  core::AttachReport report;
  report.plan = {"eth0", {}, {core::step::Load{}, core::step::Attach{{}, ZC_HOOK_CLSACT}}};
  report.rule = sample_rule(5004);
  report.hook = ZC_HOOK_TCX;
  report.checksum.warning = "look first";
  for (const core::Run run : {core::Run::kDry, core::Run::kReally}) {
    const Json json = parse(make_json_view()->attach("eth0", report, run));
    EXPECT_EQ(json.at("dev"), "eth0");
    EXPECT_EQ(json.at("dry_run"), run == core::Run::kDry);
    EXPECT_EQ(json.at("hook"), "tcx");
    EXPECT_EQ(json.at("checksum_warning"), "look first");
    EXPECT_EQ(
        json.at("steps"),
        Json::parse(R"(["load the program and pin its maps", "attach to clsact egress of eth0"])"));
    EXPECT_EQ(json.at("rule").at("to"), "10.0.0.2:5004");
    EXPECT_EQ(json.at("rule").at("checksum"), "lco");
  }
}

TEST(JsonTest, DetachTellsTheSteps) {
  const core::Plan plan{
      "eth0", {}, {core::step::RemovePins{{}, core::step::RemovePins::Why::kAllRules}}};
  expect_contains(parse(make_json_view()->detach(plan, core::Run::kReally)),
                  Json{{"dev", "eth0"},
                       {"dry_run", false},
                       {"steps", {"remove the program and all pins of eth0 (all rules go)"}}},
                  "detach");
}

TEST(JsonTest, CleanTellsWhatWentAndWhatStayed) {
  using State = api::PinnedDevice::State;
  const core::Trouble gone{
      {sample_pins(State::kLeftover, 5, "its device is gone")}, "eth7", {sample_rule(5004)}};
  const core::CleanReport report{{gone}, {sample_pins(State::kOtherVersion, 6, "layout 9")}};
  expect_contains(parse(make_json_view()->clean(report, core::Run::kReally)), Json::parse(R"({
    "removed": [{"ifindex": 5, "here": true, "why": "its device is gone", "dev": "eth7",
                 "rules": [{"to": "10.0.0.2:5004", "payload": "MP2T"}]}],
    "kept": [{"ifindex": 6, "why": "layout 9"}]})"),
                  "clean");
}

TEST(JsonTest, ProbeTellsWhatAttachWouldChoose) {
  core::ProbeReport report;
  report.features = {.release = "6.18.0", .tcx = true, .kern_ctx = false, .table_bytes = 7};
  core::ProbeReport::DeviceReport about;
  about.device.name = "eth0";
  about.device.mtu = 1500;
  about.device.senders.push_back({"eth0", "", api::CsumOffload::kUnknown});
  about.device.senders.push_back({"eth1", "veth", api::CsumOffload::kHandsOn});
  about.ipv4 = {{ZC_CHECKSUM_UNI, "why not", ""}, {{ZC_CHECKSUM_LCO, "", "but look"}}};
  about.ipv6 = {{ZC_CHECKSUM_SUM, "it is safe", ""}, {}};
  report.device = about;
  expect_contains(parse(make_json_view()->probe(report)), Json::parse(R"({
    "kernel": {"release": "6.18.0", "tcx": true, "kern_ctx": false},
    "device": {"dev": "eth0", "driver": null, "mtu": 1500, "hook": "tcx", "refusal": null,
      "senders": [{"dev": "eth0", "driver": null, "follows_csum_start": null,
                   "hands_on": false},
                  {"dev": "eth1", "driver": "veth", "follows_csum_start": true, "hands_on": true}],
      "ipv4": {"checksum": "uni", "reason": "why not",
               "instead": [{"checksum": "lco", "warning": "but look"}]},
      "ipv6": {"checksum": "sum", "reason": "it is safe", "instead": []}}})"),
                  "probe");
}

TEST(JsonTest, TheSessionDescriptionIsOneText) {
  const Json plain = parse(make_json_view()->sdp({"v=0\r\ns=a \"b\"\r\n"}));
  EXPECT_EQ(plain.at("sdp"), "v=0\r\ns=a \"b\"\r\n");
  EXPECT_TRUE(plain.at("for").is_null() && plain.at("command").is_null());
  const Json opened = parse(make_json_view()->sdp({"v=0\r\n", "vlc", "vlc rtp://@:5004\n"}));
  EXPECT_EQ(opened.at("for"), "vlc");
  EXPECT_EQ(opened.at("command"), "vlc rtp://@:5004\n");
}

TEST(JsonTest, ADeviceNameThatIsNotUtf8StillGivesJson) {
  // The kernel takes any bytes but '/', ':' and white space in a name.
  core::HostStatus status = sample_status();
  status.devices[0].dev = "eth\xff";
  EXPECT_NO_THROW(parse(make_json_view()->status(status, Streams::kBusiest)));
}

}  // namespace
}  // namespace zc::out
