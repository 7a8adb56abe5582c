// SPDX-License-Identifier: GPL-2.0-only
// What was promised of zcctl's ways, judged by literal figures: krtpsendfile at most 0.29 of
// read_writev's time, 0.25 to strive for; at most 1.30 of UDP_SEGMENT's, the fastest of three.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/table.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;

// The bar against read_writev on nic.
JudgedBar first_bar(const std::vector<Case>& cases) {
  return judge_bars(results(cases)).at(2);
}

Case with_ours(int64_t ns, unsigned rounds = 6) {
  return a_case({row("read_writev", HeaderBy::kApplication, 1000, rounds),
                 row("krtpsendfile", HeaderBy::kZcctl, ns, rounds)});
}

TEST(Bars, met_missed_and_what_we_strive_for) {
  EXPECT_EQ(first_bar({with_ours(240)}).judgement, "met, and what we strive for");
  EXPECT_EQ(first_bar({with_ours(280)}).judgement, "met");
  EXPECT_EQ(first_bar({with_ours(330)}).judgement, "missed");
  EXPECT_NEAR(first_bar({with_ours(330)}).ratio.median, 0.33, 0.001);
}

TEST(Bars, not_clear_where_the_interval_has_the_bar_in_it) {
  Case c = with_ours(270);
  c.rows[1].samples[0].machine_ns += 30000;
  EXPECT_EQ(first_bar({c}).judgement, "not clear");
}

TEST(Bars, no_judgement_from_too_few_rounds) {
  const JudgedBar bar = first_bar({with_ours(240, 5)});
  EXPECT_EQ(bar.judgement, "too few rounds");
  EXPECT_EQ(bar.ratio.rounds, 5U);
}

TEST(Bars, a_case_with_enough_rounds_is_taken_before_one_without) {
  EXPECT_EQ(first_bar({with_ours(240, 5), with_ours(280, 6)}).judgement, "met");
}

TEST(Bars, what_is_missing_says_why) {
  EXPECT_EQ(first_bar({}).judgement, "not measured");
  EXPECT_EQ(first_bar({with_ours(240, 0)}).judgement, "no round");
  const Case broken =
      a_case({row("read_writev", HeaderBy::kApplication, 1000),
              without_figure("krtpsendfile", RowState::kVoid, "3 packets are missing")});
  EXPECT_EQ(first_bar({broken}).judgement, "krtpsendfile is void: 3 packets are missing");
}

TEST(Bars, of_several_ways_the_fastest_counts_and_is_named) {
  const Case c = a_case({row("udp_segment_writev", HeaderBy::kApplication, 600),
                         row("udp_segment_writev_premapped", HeaderBy::kApplication, 500),
                         row("udp_segment_read_writev", HeaderBy::kApplication, 550),
                         row("krtpsendfile", HeaderBy::kZcctl, 400)});
  const JudgedBar bar = judge_bars(results({c})).at(0);
  EXPECT_NEAR(bar.ratio.median, 0.8, 0.001);
  EXPECT_EQ(bar.judgement, "met, and what we strive for; to udp_segment_writev_premapped");
}

TEST(Bars, where_hardware_cuts_nothing_was_promised) {
  Case c = a_case({row("udp_segment_writev", HeaderBy::kApplication, 200),
                   row("krtpsendfile", HeaderBy::kZcctl, 400)});
  c.environment = "nic-uso";
  const JudgedBar bar = judge_bars(results({c})).at(11);
  EXPECT_NEAR(bar.ratio.median, 2, 0.01);
  EXPECT_EQ(bar.judgement, "no bar: published; to udp_segment_writev");
}

TEST(Bars, the_table_has_bar_and_figure_side_by_side) {
  EXPECT_THAT(bars_table(results({with_ours(280)})),
              HasSubstr("krtpsendfile      read + writev per packet             nic       1388     "
                        "0.29    0.25  0.280  0.280–0.280  met\n"));
}

}  // namespace
}  // namespace zc::bench
