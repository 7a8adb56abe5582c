// SPDX-License-Identifier: GPL-2.0-only
// A verify on a kernel in memory, whose listener sees whatever the test wants: the rule of the test
// is gone afterwards, or the error says how to remove it.
#include "core/verify.h"

#include <gmock/gmock.h>

#include "core/dialogue.h"
#include "core/rule.h"
#include "expect.h"
#include "fake_host.h"

namespace zc::core {
namespace {

using testing::HasSubstr;

// Of the family of `to`: 10.0.0.1, or 0a00:1::.
Endpoint source_towards(const Endpoint& to) {
  return {to.family, {10, 0, 0, 1}, 40000};
}

// Says that all arrived.
class FakeSender final : public api::TestSender {
 public:
  FakeSender(FakeHost& host, const Endpoint& to, std::string instead, std::function<void()> during)
      : host_(host),
        source_(source_towards(to)),
        instead_(std::move(instead)),
        during_(std::move(during)) {}

  Endpoint source() const override { return source_; }
  Status say(const std::string& line) override {
    if (auto error = host_.call("say")) return *error;
    said_ = line;
    return ok();
  }
  Result<std::string> hear(std::chrono::milliseconds) override {
    if (auto error = host_.call("hear")) return *error;
    if (!instead_.empty()) return instead_;
    const auto line = parse_line(said_);
    if (line->word == "hello") return std::string("welcome version=1 token=7");
    if (during_) std::exchange(during_, {})();
    if (line->word == "test") {
      test_ = read_test(*line).value_or(Test{});
      return Line{"ready"}.text();
    }
    Tally tally;
    tally.arrived = tally.right = test_.packets;
    tally.largest = 1500;
    tally.source = source_.text();
    return to_line(test_.number, tally).text();
  }
  Status set_segment(uint32_t) override { return ok(); }
  Result<bool> send(std::span<const uint8_t>) override {
    host_.pins[2].counts.packets[ZC_VERDICT_stamped]++;
    return true;
  }
  Status pause(std::chrono::microseconds) override { return ok(); }

 private:
  FakeHost& host_;
  Endpoint source_;
  std::string instead_, said_;
  std::function<void()> during_;  // what happens once a rule is in force
  Test test_;
};

class FakeNet final : public api::TestNet {
 public:
  explicit FakeNet(FakeHost& host, std::string answer = "")
      : host_(host), answer_(std::move(answer)) {}
  Result<std::unique_ptr<api::TestSender>> connect(const std::string&,
                                                   const Endpoint& to) override {
    return std::unique_ptr<api::TestSender>(
        std::make_unique<FakeSender>(host_, to, answer_, during));
  }
  Result<std::unique_ptr<api::TestListener>> listen(const std::optional<Endpoint>&,
                                                    uint16_t) override {
    return failed_error("not here");
  }

  std::function<void()> during{};

 private:
  FakeHost& host_;
  std::string answer_;
};

Result<VerifyReport> run(FakeHost& host, const std::string& to = "10.0.0.2",
                         const std::string& answer = "") {
  FakeNet net(host, answer);
  return verify(host, net, {"eth0", value_of(parse_verify(to))});
}

TEST(VerifyTest, AllWaysAreTriedAndNothingIsLeft) {
  FakeHost host;
  const VerifyReport report = value_of(run(host));
  ASSERT_EQ(report.ways.size(), 4U);
  for (const WayReport& way : report.ways)
    EXPECT_TRUE(way.right()) << way.single.fault;
  EXPECT_EQ(report.advice, ZC_CHECKSUM_UNI);
  EXPECT_TRUE(report.automatic_is_right());
  EXPECT_TRUE(host.pins.empty());
}

TEST(VerifyTest, ZeroIsNotTriedOverIpv6) {
  FakeHost host;
  const VerifyReport report = value_of(run(host, "fd00::2"));
  EXPECT_THAT(report.find(ZC_CHECKSUM_ZERO)->not_tried, HasSubstr("RFC 8200"));
}

TEST(VerifyTest, WhateverFailsTheRuleGoesOrTheErrorSaysHow) {
  int wrong = 0;
  for (int call = 1;; call++) {
    FakeHost host;
    host.fail_at(call);
    const auto report = run(host);
    if (host.fallible_calls() < call) break;
    if (report) continue;  // what does not matter, such as where a route leads
    bool there = false;
    for (const auto& [ifindex, pins] : host.pins)
      there = there || (pins.attached && !pins.rules.empty());
    wrong += there && report.error().hint.find(
                          "zcctl detach eth0 --to 10.0.0.2:47000 --from "
                          "10.0.0.1:40000") == std::string::npos;
    ASSERT_LT(call, 2000);
  }
  EXPECT_EQ(wrong, 0);
}

void rename(FakeHost& host, const std::string& from, const std::string& to) {
  auto device = host.devices.extract(from);
  device.key() = device.mapped().name = to;
  host.devices.insert(std::move(device));
}

TEST(VerifyTest, ADeviceThatIsRenamedMeanwhileKeepsNoRule) {
  for (const bool another_takes_the_name : {false, true}) {
    FakeHost host;
    FakeNet net(host);
    net.during = [&] {
      rename(host, "eth0", "wan0");
      if (another_takes_the_name) rename(host, "eth1", "eth0");
    };
    EXPECT_TRUE(verify(host, net, {"eth0", value_of(parse_verify("10.0.0.2"))}));
    EXPECT_TRUE(host.pins.empty()) << another_takes_the_name;
  }
}

TEST(VerifyTest, ARuleThatStaysIsNamedAsItsDeviceIsNow) {
  FakeHost host;
  FakeNet net(host);
  net.during = [&] {
    rename(host, "eth0", "wan0");
    host.pins[2].damaged = true;
  };
  expect_error(verify(host, net, {"eth0", value_of(parse_verify("10.0.0.2"))}),
               ErrorKind::kNotFound, "wan0",
               "zcctl detach wan0 --to 10.0.0.2:47000 --from 10.0.0.1:40000");
}

TEST(VerifyTest, WhatStandsBeforeOursIsNamed) {
  FakeHost host;
  api::HookEntry stranger;
  stranger.name = "foo";
  stranger.program = 17;
  host.chains[2] = {stranger};
  const VerifyReport report = value_of(run(host));
  EXPECT_EQ(report.ways.front().single.before, "tcx program 17 (foo)");
  EXPECT_EQ(report.ways.front().single.dev, "eth0");
}

TEST(VerifyTest, ARuleForTheListenerIsRefused) {
  FakeHost host;
  RuleArguments arguments;
  arguments.to = "10.0.0.2:47000";
  arguments.payload = "MP2T";
  host.put_live("eth0", {to_abi(value_of(parse_rule(arguments)), ZC_CHECKSUM_SUM)});
  EXPECT_EQ(run(host).error().kind, ErrorKind::kExists);
  EXPECT_EQ(host.in_force().at(2).size(), 1U);
}

TEST(VerifyTest, WhoAnswersSomethingElseIsNoListener) {
  for (const char* const answer : {"SSH-2.0-OpenSSH_9.2", "welcome", "tally number=1", "\xff"}) {
    FakeHost host;
    expect_error(run(host, "10.0.0.2", answer), ErrorKind::kFailed, "is no `zcctl probe --listen`");
    EXPECT_TRUE(host.pins.empty());
  }
  FakeHost host;
  expect_error(run(host, "10.0.0.2", "refused why=busy"), ErrorKind::kFailed, "refuses: busy",
               "wait");
  EXPECT_EQ(run(host, "10.0.0.2", "refused why=busy").error().hint.find("version"),
            std::string::npos);
  expect_error(run(host, "10.0.0.2", "refused why=other-version"), ErrorKind::kFailed,
               "refuses: other-version", "same version");
}

}  // namespace
}  // namespace zc::core
