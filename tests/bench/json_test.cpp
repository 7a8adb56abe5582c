// SPDX-License-Identifier: GPL-2.0-only
// The file that a run leaves, written and read again.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "results/results.h"

namespace zc::bench {
namespace {

Results results() {
  Sample sample;
  sample.round = 3;
  sample.packets = 20000;
  sample.wall_ns = 1;
  sample.machine_ns = -2;
  sample.process_ns = 3;
  sample.thread_ns = 4;
  sample.calls = {{"sendfile", 426}};
  sample.zerocopy_sends = 5;
  sample.zerocopy_copied = 6;
  sample.send_errors = 7;
  Row row;
  row.method = "krtpsendfile";
  row.again = true;
  row.paper = "stand-in for krtpsendfile";
  row.relative_to = "read_writev";
  row.transport = Transport::kUdp;
  row.rtp = HeaderBy::kZcctl;
  row.header_bytes = 20;
  row.state = RowState::kVoid;
  row.why = "499 of 500 packets left nic0";
  row.checksum = "device";
  row.samples = {sample};
  row.ratio = {0.25, 0.24, 0.26, 10};
  row.cpu_gbit_per_s = {20, 19, 21, 10};
  row.errors_per_packet = 0.5;
  row.movement_ns = {100, 90, 110, 10};
  Case c;
  c.suite = "streaming";
  c.environment = "nic";
  c.transport = Transport::kUdp;
  c.payload_bytes = 1388;
  c.baseline = "read_writev";
  c.metric = Metric::kMachine;
  c.r_max_gbit_per_s = {30, 29, 31, 10};
  c.rows = {row};
  Results made;
  made.suite = "streaming";
  made.interrupted = true;
  made.seed = 18446744073709551615U;
  made.host.cpus = 2;
  made.environments = {
      {"nic", "a device", "2: nic0", "noqueue", "cubic", {{"tx-checksumming", "on"}}}};
  made.cases = {c};
  return made;
}

TEST(ResultsJson, WhatIsReadIsWhatWasWritten) {
  const std::string text = to_json(results());
  const auto read = from_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), text);
  const Row& row = read->cases.at(0).rows.at(0);
  EXPECT_EQ(read->seed, 18446744073709551615U);
  EXPECT_EQ(row.why, "499 of 500 packets left nic0");
  EXPECT_EQ(row.samples.at(0).machine_ns, -2);
  EXPECT_EQ(row.samples.at(0).send_errors, 7U);
  EXPECT_EQ(row.relative_to, "read_writev");
  EXPECT_DOUBLE_EQ(row.ratio.median, 0.25);
  EXPECT_DOUBLE_EQ(read->cases.at(0).r_max_gbit_per_s.high, 31);
}

TEST(ResultsJson, KeysAreTheMembersNames) {
  const auto json = nlohmann::json::parse(to_json(results()));
  EXPECT_EQ(json.at("schema"), 1);
  EXPECT_EQ(json.at("cases").at(0).at("rows").at(0).at("method"), "krtpsendfile");
  EXPECT_EQ(json.at("cases").at(0).at("rows").at(0).at("samples").at(0).at("calls").at("sendfile"),
            426);
}

TEST(ResultsJson, AFileOfBeforeThatLacksLaterKeysIsRead) {
  const auto read = from_json(R"({"schema": 1, "suite": "bars", "cases": [{"rows": [{}]}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->cases.at(0).rows.at(0).state, RowState::kValid);
  EXPECT_EQ(read->cases.at(0).transport, Transport::kUnknown);
}

TEST(ResultsJson, AKindIsItsWordInTheFile) {
  const auto json = nlohmann::json::parse(to_json(results())).at("cases").at(0);
  EXPECT_EQ(json.at("metric"), "machine");
  EXPECT_EQ(json.at("file"), "");
  EXPECT_EQ(json.at("rows").at(0).at("state"), "void");
  EXPECT_EQ(json.at("rows").at(0).at("transport"), "UDP");
  EXPECT_EQ(json.at("rows").at(0).at("rtp"), "zcctl");
}

TEST(ResultsJson, EveryWordIsRead) {
  for (const std::string word : {"", "UDP", "TCP", "UDP frames", "program", "none"}) {
    const auto read = from_json(R"({"schema": 1, "cases": [{"transport": ")" + word + R"("}]})");
    ASSERT_TRUE(read) << word;
    EXPECT_EQ(to_string(read->cases.at(0).transport), word);
  }
}

TEST(ResultsJson, AWordThatStandsForNothingIsRefused) {
  const auto read = from_json(R"({"schema": 1, "cases": [{"rows": [{"state": "lost"}]}]})");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("'lost'"), std::string::npos);
}

TEST(ResultsJson, ASuiteThatIsNotKnownKeepsItsName) {
  const auto read = from_json(R"({"schema": 1, "cases": [{"suite": "new"}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cases.at(0).suite, "new");
  EXPECT_EQ(suite_id("new"), SuiteId::kOther);
  EXPECT_EQ(suite_id("loan"), SuiteId::kLoan);
}

TEST(ResultsJson, AnotherSchemaIsRefused) {
  const auto read = from_json(R"({"schema": 2})");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("schema 2"), std::string::npos);
}

// Numbers that JSON takes and no run can have made.
TEST(Json, what_cannot_have_been_measured_is_refused) {
  const std::string row = R"({"schema":1,"cases":[{"payload_bytes":1388,"rows":[{"samples":[)";
  EXPECT_TRUE(from_json(row + R"({"packets":1,"wall_ns":1,"process_ns":0})" + "]}]}]}"));
  EXPECT_FALSE(from_json(row + R"({"packets":-1})" + "]}]}]}"));
  EXPECT_FALSE(from_json(row + R"({"process_ns":-5})" + "]}]}]}"));
  EXPECT_FALSE(from_json(R"({"schema":1,"cases":[{"payload_bytes":-1}]})"));
}

TEST(ResultsJson, WhatIsNoJsonIsRefused) {
  EXPECT_FALSE(from_json("{"));
  EXPECT_FALSE(from_json(R"({"schema": 1, "rounds": "ten"})"));
}

TEST(ResultsJson, ANameThatIsNoUtf8DoesNotStopTheWriting) {
  Results odd = results();
  odd.host.cpu_model = "CPU \xff";
  EXPECT_TRUE(from_json(to_json(odd)));
}

TEST(FindRow, TheSecondBaselineIsNotFound) {
  Case c;
  c.rows.resize(2);
  c.rows[0].method = c.rows[1].method = "read_writev";
  c.rows[0].again = true;
  EXPECT_EQ(find_row(c, "read_writev"), &c.rows[1]);
  EXPECT_EQ(find_row(c, "writev"), nullptr);
}

}  // namespace
}  // namespace zc::bench
