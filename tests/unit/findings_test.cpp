// SPDX-License-Identifier: GPL-2.0-only
// Which facts are a finding, and which are none: both can be wrong.
#include "core/findings.h"

#include "core/commands.h"
#include "expect.h"
#include "samples.h"

namespace zc::core {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

using Counters = std::vector<std::pair<zc_verdict, uint64_t>>;

api::RuleEntry counted(const Counters& counters) {
  api::RuleEntry entry{0, sample_rule(5004), {}};
  for (const auto& [counter, packets] : counters)
    entry.counts.packets[counter] = packets;
  return entry;
}

DeviceStatus device_with(const Counters& counters) {
  DeviceStatus device;
  device.dev = "eth0";
  device.meta.stage = 7;
  device.stage = "zcstage2";
  device.rules.push_back(counted(counters));
  return device;
}

auto is_finding(const std::string& id, const std::string& text, const std::string& mend) {
  return AllOf(Field("id", &Finding::id, id), Field("text", &Finding::text, HasSubstr(text)),
               Field("mend", &Finding::mend, HasSubstr(mend)));
}

TEST(FindingsTest, WhatWorksIsNoFinding) {
  for (const Counters& counters : {Counters{}, Counters{{ZC_VERDICT_stamped, 46}},
                                   Counters{{ZC_VERDICT_stamped, 46}, {ZC_VERDICT_super, 1}},
                                   Counters{{ZC_VERDICT_stamped, 2000}, {ZC_VERDICT_super, 1000}}})
    EXPECT_THAT(findings_of(device_with(counters)), IsEmpty());
}

TEST(FindingsTest, ADeviceThatNeverHadAStageHasLostNone) {
  DeviceStatus device = device_with({});
  device.meta.stage = 0;
  device.stage.clear();
  EXPECT_THAT(findings_of(device), IsEmpty());
}

DeviceStatus device_with_stream(zc_timestamp clock, uint64_t packets, uint8_t flags) {
  DeviceStatus device = device_with({{ZC_VERDICT_stamped, packets}});
  device.rules[0].rule.options.how.timestamp = static_cast<uint8_t>(clock);
  api::StreamEntry entry;
  entry.stream.next_seq = packets;
  entry.clock.flags = flags;
  device.streams.push_back(entry);
  return device;
}

TEST(FindingsTest, AStreamOfManyPacketsWithoutPcrsHasNotTheClockThatWasAskedFor) {
  EXPECT_THAT(findings_of(device_with_stream(ZC_TIMESTAMP_PCR, 1001, ZC_CLOCK_BEGUN)),
              ElementsAre(is_finding("no-pcr", "a stream without PCRs:", "--timestamp wall")));
  DeviceStatus wanted = device_with_stream(ZC_TIMESTAMP_PCR, 1001, 0);
  wanted.rules[0].rule.options.pcr_pid = 256;
  EXPECT_THAT(findings_of(wanted), ElementsAre(is_finding("no-pcr", "PID 256", "--pcr-pid")));
  const uint8_t locked = ZC_CLOCK_BEGUN | ZC_CLOCK_LOCKED;
  for (const DeviceStatus& well : {device_with_stream(ZC_TIMESTAMP_PCR, 1001, locked),
                                   device_with_stream(ZC_TIMESTAMP_PCR, 1000, 0),
                                   device_with_stream(ZC_TIMESTAMP_WALL, 1001, 0)})
    EXPECT_THAT(findings_of(well), IsEmpty());
}

TEST(FindingsTest, ALostStage) {
  DeviceStatus device = device_with({});
  device.stage.clear();
  EXPECT_THAT(findings_of(device),
              ElementsAre(is_finding("stage-lost", "the stage of eth0", "zcctl attach")));
}

TEST(FindingsTest, ALostStageExplainsLostPieces) {
  DeviceStatus device = device_with({{ZC_VERDICT_super, 100}});
  device.stage.clear();
  EXPECT_THAT(findings_of(device), ElementsAre(is_finding("stage-lost", "lost", "again")));
}

TEST(FindingsTest, SuperPacketsWhosePiecesDoNotComeBack) {
  EXPECT_THAT(findings_of(device_with({{ZC_VERDICT_super, 100}})),
              ElementsAre(is_finding("pieces-lost", "100 packets of many segments", "nft list")));
  // Also where they came once.
  EXPECT_THAT(findings_of(device_with({{ZC_VERDICT_super, 100000}, {ZC_VERDICT_stamped, 100000}})),
              ElementsAre(is_finding("pieces-lost", "rule 10.0.0.2:5004", "dev eth0 egress")));
}

TEST(FindingsTest, SuperPacketsUnderWayAreNotLost) {
  EXPECT_THAT(findings_of(device_with({{ZC_VERDICT_super, 1064}, {ZC_VERDICT_stamped, 2000}})),
              IsEmpty());
}

TEST(FindingsTest, PiecesThatAreCountedAsDroppedAreNoRiddle) {
  EXPECT_THAT(findings_of(device_with({{ZC_VERDICT_super, 100}, {ZC_VERDICT_no_room, 4600}})),
              ElementsAre(is_finding("dropped-no_room", "4600", "memory")));
}

// Which of the counters lose packets: docs/interface.md.
TEST(FindingsTest, EachDropCounterSaysWhatItMeansAndWhatMendsIt) {
  struct Case {
    zc_verdict counter;
    const char *id, *text, *mend;
  };
  for (const Case& each : {
           Case{ZC_VERDICT_oversize, "dropped-oversize", "exceed", "pkt_size=1316"},
           Case{ZC_VERDICT_fragment, "dropped-fragment", "fragment", "1316"},
           Case{ZC_VERDICT_ip_options, "dropped-ip_options", "options", "IP_OPTIONS"},
           Case{ZC_VERDICT_no_room, "dropped-no_room", "room", "memory"},
           Case{ZC_VERDICT_no_state, "dropped-no_state", "table is full", "--max-streams"},
           Case{ZC_VERDICT_malformed, "dropped-malformed", "contradict", "tcpdump"},
           Case{ZC_VERDICT_checksum, "dropped-checksum", "checksum", "txvlan"},
           Case{ZC_VERDICT_uncut, "dropped-uncut", "no stage", "zcctl probe eth0"},
       }) {
    SCOPED_TRACE(each.id);
    EXPECT_THAT(findings_of(device_with({{ZC_VERDICT_stamped, 9}, {each.counter, 3}})),
                ElementsAre(is_finding(each.id, each.text, each.mend)));
  }
}

// Nothing makes it grow any more; counters that were taken over may have it.
TEST(FindingsTest, WhatAnOlderZcctlCountedAsShortNeedsNoMend) {
  const Findings findings = findings_of(device_with({{ZC_VERDICT_short, 3}}));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].mend, "");
}

TEST(FindingsTest, NoHintGivesUpRulesThatCanStillBeHad) {
  using State = api::PinnedDevice::State;
  struct Case {
    State state;
    bool here;
    const char* mend;
  };
  for (const Case& each :
       {Case{State::kDetached, true,
             "the same `zcctl attach` hangs the program there again, `zcctl clean` removes them"},
        Case{State::kLeftover, true, "`zcctl clean` removes them"},
        Case{State::kOlder, true, "`zcctl clean` takes its rules and streams over"},
        Case{State::kOlder, false, "`zcctl -n NETNS clean` takes its rules and streams over"},
        Case{State::kOtherVersion, true, "`zcctl clean --force` removes them"},
        Case{State::kDamaged, true, "`zcctl clean --force` removes them"}}) {
    api::PinnedDevice pins = sample_pins(each.state);
    pins.here = each.here;
    EXPECT_EQ(pins_mend(pins), each.mend);
  }
}

TEST(FindingsTest, OnlyATransportStreamIsToldOfItsPackets) {
  DeviceStatus device = device_with({{ZC_VERDICT_oversize, 1}});
  std::strcpy(device.rules[0].rule.options.payload_name, "PCMU");
  // RFC 3550 5.1 and the extension of lco: 12 + 8 bytes.
  EXPECT_THAT(findings_of(device),
              ElementsAre(is_finding("dropped-oversize", "1 dropped", "RTP takes 20 bytes")));
}

}  // namespace
}  // namespace zc::core
