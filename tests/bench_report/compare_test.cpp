// SPDX-License-Identifier: GPL-2.0-only
#include "report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "html.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;

Collection one_case(int64_t ns, unsigned bytes = 1388) {
  return collect({results({a_case({row("read_writev", HeaderBy::kApplication, ns)}, bytes)})});
}

TEST(Compare, both_figures_and_their_ratio) {
  const auto compared = compare(one_case(1388), one_case(694));
  ASSERT_TRUE(compared);
  ASSERT_EQ(compared->rows.size(), 1U);
  const ComparedRow& row = compared->rows[0];
  EXPECT_NEAR(row.one.median, 1.0, 0.001);
  EXPECT_NEAR(row.other.median, 0.5, 0.001);
  EXPECT_NEAR(row.ratio.median, 0.5, 0.001);
  EXPECT_TRUE(row.different);
  EXPECT_THAT(compare_text(*compared), HasSubstr("0.50 (0.50–0.50) *"));
}

TEST(Compare, what_overlaps_is_not_marked) {
  const auto compared = compare(one_case(1000), one_case(1000));
  ASSERT_TRUE(compared);
  EXPECT_FALSE(compared->rows[0].different);
  EXPECT_EQ(compare_text(*compared).find(") *"), std::string::npos);
}

TEST(Compare, other_sizes_are_refused_and_named) {
  const auto compared = compare(one_case(1000, 512), one_case(1000, 1024));
  ASSERT_FALSE(compared);
  EXPECT_EQ(compared.error().kind, ErrorKind::kFailed);
  EXPECT_EQ(compared.error().message,
            "cannot compare: only the first has streaming, nic, 512 bytes, MTU 1500");
}

TEST(Compare, a_row_that_one_host_cannot_measure_says_why) {
  const Collection other = collect(
      {results({a_case({row("read_writev", HeaderBy::kApplication, 1000),
                        without_figure("krtpsendfile", RowState::kUnavailable, "no tcx")})})});
  const auto compared =
      compare(collect({results({a_case({row("read_writev", HeaderBy::kApplication, 1000),
                                        row("krtpsendfile", HeaderBy::kZcctl, 300)})})}),
              other);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->rows[1].why, "second: unavailable, no tcx");
  EXPECT_EQ(compared->rows[1].ratio.rounds, 0U);
}

TEST(Compare, process_time_of_both_where_one_has_no_machine_time) {
  Case by_process = a_case({row("read_writev", HeaderBy::kApplication, 1000)});
  by_process.metric = Metric::kProcess;
  const auto compared = compare(one_case(1000), collect({results({by_process})}));
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->metric, Metric::kProcess);
}

TEST(Compare, json_has_a_schema_and_null_for_what_is_not_there) {
  const Collection broken =
      collect({results({a_case({without_figure("read_writev", RowState::kVoid, "lost")})})});
  const auto compared = compare(one_case(1000), broken);
  ASSERT_TRUE(compared);
  const auto json = nlohmann::json::parse(compare_json(*compared));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_TRUE(json["rows"][0]["second_cpu_s_per_gb"].is_null());
  EXPECT_EQ(json["rows"][0]["why_not"], "second: void, lost");
}

TEST(Compare, the_page_has_the_same_rows) {
  const auto compared = compare(one_case(1000), one_case(500));
  ASSERT_TRUE(compared);
  EXPECT_THAT(to_html(compare_document(*compared)), HasSubstr("second needs less"));
}

TEST(Compare, too_few_rounds_show_no_difference) {
  const auto of_rounds = [](int64_t ns) {
    return collect({results({a_case({row("read_writev", HeaderBy::kApplication, ns, 5)})})});
  };
  const auto compared = compare(of_rounds(1000), of_rounds(500));
  ASSERT_TRUE(compared);
  EXPECT_FALSE(compared->rows[0].different);
  EXPECT_THAT(compare_text(*compared), HasSubstr("Fewer than 6 rounds in some: [ranges]"));
  EXPECT_THAT(compare_text(*compared), HasSubstr("0.50 [0.50–0.50]\n"));
  EXPECT_THAT(to_html(compare_document(*compared)), HasSubstr("<td>too few rounds</td>"));
}

TEST(Compare, rows_of_several_mtus_can_be_told_apart) {
  const auto both = [] {
    return collect({results({loan_case(1024, {row("loan_send", HeaderBy::kNone, 1000)}, 1500),
                             loan_case(1024, {row("loan_send", HeaderBy::kNone, 1000)}, 9000)})});
  };
  const auto compared = compare(both(), both());
  ASSERT_TRUE(compared);
  const std::string text = compare_text(*compared);
  EXPECT_THAT(text, HasSubstr("\nloan, nic, 1024 bytes, MTU 1500\nmethod "));
  EXPECT_THAT(text, HasSubstr("\nloan, nic, 1024 bytes, MTU 9000\nmethod "));
  EXPECT_EQ(nlohmann::json::parse(compare_json(*compared))["rows"][1]["mtu"], 9000);
  EXPECT_THAT(to_html(compare_document(*compared)), HasSubstr("loan, nic, 1024 bytes, MTU 9000"));
}

TEST(Compare, what_was_not_measured_alike_is_said) {
  Results longer = results({a_case({row("read_writev", HeaderBy::kApplication, 1000, 7)})});
  longer.seconds = 5;
  longer.cases[0].file_bytes = 256 << 20;
  const auto compared = compare(one_case(1000), collect({longer}));
  ASSERT_TRUE(compared);
  EXPECT_THAT(compared->differences,
              testing::ElementsAre("MiB of the file: 1024 and 256, in 1 of 1 cases",
                                   "rounds: 6 and 7, in 1 of 1 cases",
                                   "seconds a run: 2 and 5, in 1 of 1 cases"));
  EXPECT_THAT(compare_text(*compared), HasSubstr("Not measured alike: seconds a run: 2 and 5"));
  EXPECT_THAT(to_html(compare_document(*compared)), HasSubstr("Not measured alike: rounds"));
  EXPECT_EQ(nlohmann::json::parse(compare_json(*compared))["differences"].size(), 3U);
}

TEST(Compare, what_was_measured_alike_is_not) {
  const auto compared = compare(one_case(1000), one_case(500));
  ASSERT_TRUE(compared);
  EXPECT_TRUE(compared->differences.empty());
  EXPECT_EQ(compare_text(*compared).find("Not measured alike"), std::string::npos);
}

TEST(Compare, names_each_host_and_revision_of_a_folder) {
  Results newer = results({usual_case(512)}, "2026-02-01T00:00:00Z");
  newer.host.kernel = "6.18.0 x86_64";
  newer.revision = "4567def";
  const auto both = [&] { return collect({results({usual_case(1388)}), newer}); };
  const auto compared = compare(both(), both());
  ASSERT_TRUE(compared);
  for (const std::string& where : {compared->one, compared->other}) {
    EXPECT_THAT(where, HasSubstr("Linux 6.1.0 x86_64 on 2 × A CPU, revision 0123abc"));
    EXPECT_THAT(where, HasSubstr("Linux 6.18.0 x86_64 on 2 × A CPU, revision 4567def"));
  }
}

TEST(Compare, a_round_that_took_no_time_is_no_divisor) {
  const auto compared = compare(one_case(-1), one_case(1000));
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->rows[0].ratio.rounds, 0U);
  EXPECT_EQ(compared->rows[0].why, "first: its time is not surely above 0");
}

}  // namespace
}  // namespace zc::bench
