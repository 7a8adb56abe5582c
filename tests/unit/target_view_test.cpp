// SPDX-License-Identifier: GPL-2.0-only
// How targets read, as text and as JSON: docs/interface.md.
#include <nlohmann/json.hpp>

#include "core/framed_rule.h"
#include "expect.h"
#include "out/steps.h"
#include "out/view.h"
#include "rule_arguments.h"
#include "samples.h"

namespace zc::out {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

api::FramedRule typed(const std::string& to, const std::string& from, const std::string& segment,
                      const core::FramingArguments& framing) {
  core::RuleArguments arguments = core::words(to);
  arguments.from = from;
  arguments.segment = segment;
  return value_of(core::parse_framed_rule(arguments, framing));
}

core::HostStatus sample() {
  const api::FramedRule rule = typed("", ":8554", "1316", {"rfc4571", "never", "http"});
  core::TargetStatus target;
  target.target = {ZC_TARGET_CGROUP, 7, "/sys/fs/cgroup/media"};
  target.rules.push_back({3, rule.rule, {}, {}, rule.framing});
  target.rules[0].counts.packets[ZC_VERDICT_stamped] = 46;
  target.findings = {{"unframed", "rule from :8554: 2 connections", "mend it"}};
  core::StreamStatus stream;
  stream.flow = sample_rule(40000).match;
  stream.stream.rule = 3;
  stream.stream.next_seq = 46;
  target.streams.push_back(stream);
  core::HostStatus status;
  status.targets.push_back(target);
  core::TargetTrouble trouble;
  trouble.target = {ZC_TARGET_CGROUP, 8, "/sys/fs/cgroup/old one"};
  trouble.state = api::PinnedTarget::State::kLeftover;
  trouble.why = "its cgroup is gone";
  trouble.rules.push_back(typed("10.0.0.2:5004", "", "1880", {"interleaved:2", "", "512"}));
  status.target_troubles.push_back(trouble);
  return status;
}

TEST(TargetViewTest, JsonHasTargetsBesideDevices) {
  const Json all = Json::parse(make_json_view()->status(sample(), Streams::kAll));
  EXPECT_EQ(all.at("devices"), Json::array());
  const Json& target = all.at("targets").at(0);
  EXPECT_EQ(target.at("target"), "cgroup:/sys/fs/cgroup/media");
  EXPECT_EQ(target.at("findings")[0].at("id"), "unframed");
  const Json& rule = target.at("rules").at(0);
  EXPECT_EQ(rule.at("to"), nullptr);
  EXPECT_EQ(rule.at("from"), ":8554");
  EXPECT_EQ(rule.at("payload"), "MP2T");
  EXPECT_EQ(rule.at("checksum"), nullptr);
  EXPECT_EQ(rule.at("segment"), 1316);
  EXPECT_EQ(rule.at("framing"), "rfc4571");
  EXPECT_EQ(rule.at("frame_end"), "never");
  EXPECT_EQ(rule.at("skip"), "http");
  EXPECT_EQ(rule.at("counters").at("stamped"), 46);
  EXPECT_EQ(target.at("streams")[0].at("packets"), 46);
  EXPECT_EQ(target.at("streams")[0].at("to"), "10.0.0.2:40000");
}

TEST(TargetViewTest, ALeftoverIsAmongTheOthersWithItsTarget) {
  const Json leftover =
      Json::parse(make_json_view()->status(sample(), Streams::kAll)).at("leftovers").at(0);
  EXPECT_EQ(leftover.at("target"), "cgroup:/sys/fs/cgroup/old one");
  EXPECT_EQ(leftover.at("why"), "its cgroup is gone");
  EXPECT_EQ(leftover.at("ifindex"), nullptr);
  EXPECT_EQ(leftover.at("rules")[0].at("framing"), "interleaved:2");
}

TEST(TargetViewTest, TextNamesRulesFramesAndWhatIsWrong) {
  const std::string text = make_text_view()->status(sample(), Streams::kAll);
  EXPECT_THAT(text, HasSubstr("cgroup:/sys/fs/cgroup/media: TCP\n  ! rule from :8554: 2 conn"));
  EXPECT_THAT(text,
              HasSubstr("  rule from :8554\n    MP2T pt 33 clock 90000, timestamp pcr (auto), "
                        "rfc4571 frames of 1316 bytes, frame-end never, skip http\n"
                        "    stamped 46\n"));
  EXPECT_THAT(text, HasSubstr("note: pins of cgroup:/sys/fs/cgroup/old one: its cgroup is gone; "
                              "`zcctl clean` removes them\n"));
  EXPECT_THAT(text, HasSubstr("  not in force: zcctl attach 'cgroup:/sys/fs/cgroup/old one' --to "
                              "10.0.0.2:5004 --framing interleaved:2 --segment 1880 --skip 512 "
                              "--payload MP2T\n"));
}

TEST(TargetViewTest, ForceIsAmongTheWordsWhereItIsNeeded) {
  EXPECT_THAT(rule_words(typed("10.0.0.2:5004", "", "1316", {"rfc4571", "", ""})),
              Not(HasSubstr("--force")));
  core::RuleArguments arguments = core::words();
  arguments.segment = "1388";
  arguments.force = true;
  const auto rule = value_of(core::parse_framed_rule(arguments, {"rfc4571", "", ""}));
  EXPECT_THAT(rule_words(rule), HasSubstr("--segment 1388 --force"));
}

TEST(TargetViewTest, StepsSayWhatBecomesOfLivingConnections) {
  core::TargetPlan plan;
  plan.target = {ZC_TARGET_CGROUP, 7, "/sys/fs/cgroup/media"};
  const zc_flow match = sample_rule(5004).match;
  plan.steps = {core::target_step::RemoveRule{0, match, api::Living::kStayFramed},
                core::target_step::RemoveRule{0, match, api::Living::kLetGo}};
  EXPECT_THAT(steps_text(plan),
              testing::ElementsAre("remove rule 10.0.0.2:5004; living connections stay framed",
                                   "remove rule 10.0.0.2:5004; living connections go on without "
                                   "frames behind their open one"));
}

}  // namespace
}  // namespace zc::out
