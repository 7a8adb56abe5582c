// SPDX-License-Identifier: GPL-2.0-only
// How receivers and the agent read.
#include <arpa/inet.h>

#include <nlohmann/json.hpp>

#include "expect.h"
#include "out/view.h"
#include "samples.h"

namespace zc {
namespace {

using testing::HasSubstr;
using testing::Not;

api::ReceiverStatus receiver(uint32_t reporter, uint32_t fraction) {
  api::ReceiverStatus status;
  status.key.ssrc = 0x1a2b3c4d;
  status.key.reporter = reporter;
  status.key.family = ZC_IPV4;
  status.key.address[0] = htonl(0x0a000002);
  status.value.port = htons(5005);
  status.value.reports = 7;
  status.value.highest = 45;
  status.value.lost = 3;
  status.value.fraction = fraction;
  status.value.jitter_us = 250;
  status.value.round_trip_us = 1540;
  status.silent_ms = 2250;
  return status;
}

core::HostStatus host(std::vector<api::ReceiverStatus> receivers) {
  core::HostStatus status;
  core::DeviceStatus device;
  device.dev = "eth0";
  device.meta.hook = ZC_HOOK_TCX;
  device.rules.push_back({0, sample_rule(5004), {}, {}});
  device.rules[0].rule.options.how.rtcp = ZC_RTCP_ON;
  device.receivers = std::move(receivers);
  status.devices.push_back(device);
  return status;
}

std::string text(const core::HostStatus& status, out::Streams streams = out::Streams::kBusiest) {
  return out::make_text_view()->status(status, streams);
}

TEST(RtcpView, ALineForEachReceiver) {
  EXPECT_THAT(
      text(host({receiver(1, 64)})),
      HasSubstr("  receiver 10.0.0.2:5005 of ssrc 0x1a2b3c4d: lost 25.0 %, 3 in all, jitter "
                "0.250 ms, round trip 1.5 ms, 2.2 s ago\n"));
  api::ReceiverStatus unknown = receiver(1, 0);
  unknown.value.round_trip_us = ZC_NO_ROUND_TRIP;
  unknown.value.lost = -2;
  EXPECT_THAT(text(host({unknown})), HasSubstr("lost 0.0 %, -2 in all"));
  EXPECT_THAT(text(host({unknown})), HasSubstr("round trip not known"));
}

TEST(RtcpView, OfManyTheWorst) {
  std::vector<api::ReceiverStatus> many;
  for (uint32_t i = 0; i < 30; i++)
    many.push_back(receiver(i, i));
  const std::string few = text(host(many));
  EXPECT_THAT(few, HasSubstr("lost 11.3 %"));  // 29 of 256
  EXPECT_THAT(few, Not(HasSubstr("lost 7.4 %")));
  EXPECT_THAT(few, HasSubstr("... and 20 receivers that lose less: `show --all` lists them\n"));
  EXPECT_THAT(text(host(many), out::Streams::kAll), HasSubstr("lost 0.0 %"));
}

TEST(RtcpView, TheAgentAndWhatItCouldNotTake) {
  core::HostStatus status = host({});
  EXPECT_THAT(text(status), HasSubstr("note: no agent runs: 1 rule has no sender reports (RTCP); "
                                      "`zcctl agent` sends them\n"));
  status.agent = api::AgentStatus{77, {}};
  EXPECT_THAT(text(status), HasSubstr("agent: process 77, which does not answer\n"));
  status.agent->figures = {{"streams", 2}, {"sr", 9}, {"bye", 1}, {"reports", 4}, {"receivers", 1}};
  EXPECT_THAT(text(status), HasSubstr("agent: process 77: 2 streams, 9 sender reports, 1 BYE; 4 "
                                      "reports of 1 receivers\n"));
  status.agent->figures["malformed"] = 3;
  status.agent->figures["malformed_short"] = 2;
  status.agent->figures["malformed_version"] = 1;
  status.agent->figures["send_errors"] = 5;
  status.agent->figures["send_errors_ENETUNREACH"] = 5;
  EXPECT_THAT(text(status), HasSubstr("\n  5 reports not sent (5 ENETUNREACH), 3 malformed packets "
                                      "(2 short, 1 version)\n"));
}

TEST(RtcpView, NoNoteWhereNoRuleWaits) {
  core::HostStatus status = host({});
  status.devices[0].rules[0].rule.options.how.rtcp = ZC_RTCP_OFF;
  EXPECT_THAT(text(status), Not(HasSubstr("agent")));
}

TEST(RtcpView, Json) {
  core::HostStatus status = host({receiver(0x5e6f7a8b, 1)});
  const auto read = [&] {
    return nlohmann::json::parse(out::make_json_view()->status(status, out::Streams::kAll));
  };
  EXPECT_EQ(read()["agent"], nullptr);
  EXPECT_EQ(read()["devices"][0]["receivers"],
            nlohmann::json::parse(R"([{"address":"10.0.0.2:5005","ssrc":"0x5e6f7a8b",
              "stream":"0x1a2b3c4d","reports":7,"fraction_lost":0.00390625,"lost":3,
              "highest_seq":45,"jitter_ms":0.25,"round_trip_ms":1.54,"age_s":2.25}])"));
  status.agent = api::AgentStatus{0, {{"sr", 9}}};
  EXPECT_EQ(read()["agent"], nlohmann::json::parse(R"({"pid":null,"figures":{"sr":9}})"));
}

}  // namespace
}  // namespace zc
