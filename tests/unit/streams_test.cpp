// SPDX-License-Identifier: GPL-2.0-only
// What `show` tells of streams beside their tables: age and rate; and which of them are ended.
#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "out/view.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr uint64_t kSecond = 1'000'000'000;

// A stream of rule 0 on eth0 whose newest packet left so long ago.
zc_stream& put_stream(FakeHost& host, uint64_t age_ns) {
  api::StreamEntry entry;
  entry.flow = sample_rule(5004, 1, 40000).match;
  entry.stream.octets = 1000;
  entry.stream.last_ns = host.clock_ns - age_ns;
  entry.slot = static_cast<uint32_t>(host.pins.at(2).streams.size());
  return host.pins.at(2).streams.emplace_back(entry).stream;
}

FakeHost host_with_rule(uint32_t idle_s = 0) {
  FakeHost host;
  zc_rule rule = sample_rule(5004);
  rule.options.idle_s = idle_s;
  host.put_live("eth0", {rule});
  return host;
}

TEST(RateTest, TwoLooksTellWhatAStreamSends) {
  FakeHost host = host_with_rule();
  put_stream(host, 0);
  host.on_wait = [&] {
    zc_stream& stream = host.pins.at(2).streams[0].stream;
    stream.octets += 25'000;
    stream.last_ns = host.clock_ns - 3;
  };
  const HostStatus shown = value_of(status_over(host, "", std::chrono::milliseconds(200)));
  ASSERT_THAT(shown.devices, SizeIs(1));
  const StreamStatus& stream = shown.devices[0].streams.at(0);
  EXPECT_EQ(stream.rate_bps, 25'000U * 8 * 5);
  EXPECT_EQ(stream.age_ns, 3U);
  EXPECT_EQ(stream.stream.octets, 26'000U) << "the second look is shown";
  EXPECT_THAT(out::make_text_view()->status(shown, out::Streams::kAll),
              testing::AllOf(HasSubstr(" age 0.000 s rate 1.000 Mb/s\n"),
                             HasSubstr("stamped 0, rate 1.000 Mb/s\n")));
  EXPECT_THAT(out::make_json_view()->status(shown, out::Streams::kAll),
              testing::AllOf(HasSubstr("\"age_s\":3e-09"), HasSubstr("\"rate_bps\":1000000")));
}

TEST(RateTest, NobodyWaitsWhereNoStreamSendsOrNoRateIsWanted) {
  for (const uint64_t age_ns : {uint64_t{0}, kSecond, 1000 * kSecond}) {
    FakeHost host = host_with_rule();
    put_stream(host, age_ns);
    int waits = 0;
    host.on_wait = [&] { waits++; };
    EXPECT_FALSE(value_of(status_over(host, "", {})).devices.at(0).streams.at(0).rate_bps);
    EXPECT_EQ(waits, 0);
    const auto looked = value_of(status_over(host, "", std::chrono::milliseconds(200)));
    EXPECT_EQ(waits, age_ns == 0 ? 1 : 0);
    EXPECT_EQ(looked.devices.at(0).streams.at(0).rate_bps.has_value(), age_ns == 0);
  }
}

TEST(RateTest, AStreamInTheSlotOfOneThatEndedHasSentAllThatItHas) {
  FakeHost host = host_with_rule();
  put_stream(host, 0).ssrc = 1;
  host.on_wait = [&] { host.pins.at(2).streams[0].stream.ssrc = 2; };
  const HostStatus shown = value_of(status_over(host, "", std::chrono::milliseconds(1000)));
  EXPECT_EQ(shown.devices.at(0).streams.at(0).rate_bps, 8000U);
}

TEST(RateTest, ADeviceThatGoesMeanwhileIsNotShown) {
  FakeHost host = host_with_rule();
  put_stream(host, 0);
  host.on_wait = [&] { host.pins.clear(); };
  EXPECT_THAT(value_of(status_over(host, "", std::chrono::milliseconds(200))).devices, SizeIs(0));
}

TEST(RateTest, APacketOfTheFutureIsNoOlderThanNow) {
  FakeHost host = host_with_rule();
  put_stream(host, 0).last_ns = host.clock_ns + 5;
  EXPECT_EQ(value_of(status(host, "")).devices.at(0).streams.at(0).age_ns, 0U);
}

TEST(IdleTest, TablesAreOpenedForAChangeOnlyWhereSomethingIsIdle) {
  struct Case {
    const char* description;
    uint32_t idle_s;
    uint64_t age_ns;
    int repairs;
  };
  for (const Case& each : {Case{"never", 0, 1000 * kSecond, 0}, Case{"young", 10, 10 * kSecond, 0},
                           Case{"old", 10, 10 * kSecond + 1, 1}}) {
    SCOPED_TRACE(each.description);
    FakeHost host = host_with_rule(each.idle_s);
    put_stream(host, each.age_ns);
    EXPECT_TRUE(end_idle_streams(host));
    EXPECT_EQ(host.repairs, each.repairs);
  }
}

TEST(IdleTest, NobodyWaitsForAnotherZcctl) {
  FakeHost host = host_with_rule(1);
  put_stream(host, 5 * kSecond);
  host.busy = true;
  EXPECT_TRUE(end_idle_streams(host));
  EXPECT_EQ(host.repairs, 0);
}

TEST(IdleTest, DevicesOfOthersAreLeftAlone) {
  FakeHost host = host_with_rule(1);
  put_stream(host, 5 * kSecond);
  host.pins.at(2).here = false;
  EXPECT_TRUE(end_idle_streams(host));
  EXPECT_EQ(host.repairs, 0);
}

TEST(TwoSendersTest, OneReturnMayBeAnOperatorsAndMoreAreTwoSenders) {
  for (const uint32_t returned : {0, 1, 2, 1000}) {
    DeviceStatus device;
    device.dev = "eth0";
    api::RuleEntry entry{0, sample_rule(5004), {}};
    entry.continued.taken_over = 1000;
    entry.continued.returned = returned;
    device.rules.push_back(entry);
    const Findings findings = findings_of(device);
    EXPECT_EQ(findings.size(), returned < 2 ? 0U : 1U);
    if (!findings.empty()) {
      EXPECT_EQ(findings[0].id, "two-senders");
    }
    const HostStatus status{{device}, {}};
    EXPECT_THAT(out::make_text_view()->status(status, out::Streams::kAll),
                HasSubstr("stamped 0, taken over 1000\n"));
    EXPECT_THAT(out::make_json_view()->status(status, out::Streams::kAll),
                HasSubstr("\"taken_over\":1000"));
  }
}

}  // namespace
}  // namespace zc::core
