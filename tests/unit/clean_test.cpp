// SPDX-License-Identifier: GPL-2.0-only
// `clean` on a kernel in memory: takes what is dead, leaves what lives.
#include "core/commands.h"
#include "expect.h"
#include "fake_host.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// eth0 lives, eth1 was left half done, device 8 is gone, 9 is of another version.
FakeHost crowded() {
  FakeHost host;
  host.put_live("eth0", {sample_rule(5004)});
  host.put_leftover("eth1");
  host.pins[8] = host.pins[2];
  host.pins[8].device_gone = true;
  host.pins[9] = host.pins[2];
  host.pins[9].other_version = true;
  return host;
}

TEST(CleanTest, LeftoversGoAndTheLivingAndOtherVersionsStay) {
  FakeHost host = crowded();
  const CleanReport report = value_of(clean(host, false, Run::kReally));
  ASSERT_EQ(report.removed.size(), 2U);
  EXPECT_EQ(report.removed[0].ifindex, 3U);
  EXPECT_EQ(report.removed[1].ifindex, 8U);
  ASSERT_EQ(report.kept.size(), 1U);
  EXPECT_EQ(report.kept[0].ifindex, 9U);
  EXPECT_TRUE(host.pins.contains(2) && host.pins.contains(9));
  EXPECT_EQ(host.pins.size(), 2U);
}

TEST(CleanTest, ForceTakesOtherVersionsToo) {
  FakeHost host = crowded();
  const CleanReport report = value_of(clean(host, true, Run::kReally));
  EXPECT_EQ(report.removed.size(), 3U);
  EXPECT_THAT(report.kept, IsEmpty());
  EXPECT_EQ(host.pins.size(), 1U);
  EXPECT_EQ(host.in_force().at(2).size(), 1U);
}

TEST(CleanTest, ADryRunTellsAndChangesNothing) {
  FakeHost host = crowded();
  EXPECT_EQ(value_of(clean(host, true, Run::kDry)).removed.size(), 3U);
  EXPECT_EQ(host.pins.size(), 4U);
  EXPECT_THAT(host.calls, Not(Contains("remove")));
}

TEST(CleanTest, TheTablesOfLivingDevicesHereAreRepaired) {
  FakeHost host = crowded();
  value_of(clean(host, false, Run::kReally));
  EXPECT_EQ(host.repairs, 1);
  FakeHost elsewhere;
  elsewhere.put_live("eth0", {sample_rule(5004)});
  elsewhere.pins.at(2).here = false;
  value_of(clean(elsewhere, false, Run::kReally));
  EXPECT_EQ(elsewhere.repairs, 0) << "what another namespace holds is its own business";
}

TEST(CleanTest, AnOlderVersionsRulesAreTakenOverHereAndKeptElsewhere) {
  for (const bool here : {true, false}) {
    FakeHost host;
    host.put_live("eth0", {sample_rule(5004)});
    host.pins.at(2).older = true;
    host.pins.at(2).here = here;
    const CleanReport dry = value_of(clean(host, false, Run::kDry));
    EXPECT_TRUE(host.pins.at(2).older);
    const CleanReport report = value_of(clean(host, false, Run::kReally));
    EXPECT_EQ(report.taken_over.size(), here ? 1U : 0U);
    EXPECT_EQ(report.kept.size(), here ? 0U : 1U);
    EXPECT_EQ(dry.taken_over.size(), report.taken_over.size());
    EXPECT_EQ(host.pins.at(2).older, !here);
    EXPECT_EQ(host.in_force().at(2).size(), 1U);
  }
}

TEST(CleanTest, WithNothingToDoItIsDone) {
  FakeHost host;
  const CleanReport report = value_of(clean(host, false, Run::kReally));
  EXPECT_THAT(report.removed, IsEmpty());
  EXPECT_THAT(report.kept, IsEmpty());
}

TEST(CleanTest, AFailureIsReportedAndTheLivingStay) {
  for (int call = 1; call <= 4; call++) {
    FakeHost host = crowded();
    host.fail_at(call);
    if (call == 3) continue;  // leftovers whose tables cannot be read are half made
    EXPECT_FALSE(clean(host, false, Run::kReally)) << call;
    EXPECT_EQ(host.in_force().at(2).size(), 1U);
    EXPECT_FALSE(host.locked());
  }
}

}  // namespace
}  // namespace zc::core
