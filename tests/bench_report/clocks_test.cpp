// SPDX-License-Identifier: GPL-2.0-only
// What the clocks were promised to cost, judged by literal figures: pcr at most 60 ns a packet more
// than wall on a steady file, 250 on an uneven one; those that count no more than the noise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/table.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;

Row clock_row(const std::string& method, int64_t ns, unsigned rounds = 6) {
  return row(method, HeaderBy::kZcctl, ns, rounds);
}

// The wall clock twice, `noise` ns apart, and another.
Case with(const Row& other, FileKind file = FileKind::kSteadyTs, int64_t noise = 5) {
  Row again = clock_row("clock_wall", 1000 + noise);
  again.again = true;
  Case c = of_suite("clock", a_case({clock_row("clock_wall", 1000), again,
                                     clock_row("clock_wall_many", 300), other},
                                    1316));
  c.baseline = "clock_wall";
  c.file = file;
  derive_figures(c);
  return c;
}

JudgedClock judged(const Case& c, const std::string& ours) {
  for (const JudgedClock& clock : judge_clocks(results({c}))) {
    if (clock.ours == ours) return clock;
  }
  ADD_FAILURE() << ours << " is not judged";
  return {};
}

TEST(Clocks, pcr_is_judged_by_nanoseconds_a_packet) {
  const JudgedClock met = judged(with(clock_row("clock_pcr", 1059)), "clock_pcr");
  EXPECT_NEAR(met.more_ns.median, 59, 0.1);
  EXPECT_NEAR(met.ratio.median, 1.059, 0.001);
  EXPECT_EQ(met.judgement, "met");
  EXPECT_EQ(judged(with(clock_row("clock_pcr", 1061)), "clock_pcr").judgement, "missed");
  const Case noisy = with(clock_row("clock_pcr", 1061), FileKind::kSteadyTs, 100);
  EXPECT_EQ(judged(noisy, "clock_pcr").judgement, "missed") << "noise is no excuse";
}

TEST(Clocks, an_uneven_file_may_cost_more) {
  const Case c = with(clock_row("clock_pcr", 1200), FileKind::kUnevenTs);
  EXPECT_EQ(judged(c, "clock_pcr").judgement, "met");
  EXPECT_EQ(judge_clocks(results({c})).size(), 2U);  // one and many a call
}

TEST(Clocks, many_a_call_are_compared_with_many_a_call) {
  const JudgedClock many = judged(with(clock_row("clock_pcr_many", 340)), "clock_pcr_many");
  EXPECT_EQ(many.against, "clock_wall_many");
  EXPECT_NEAR(many.more_ns.median, 40, 0.1);
}

TEST(Clocks, those_that_count_may_cost_what_the_same_twice_differs_by) {
  EXPECT_EQ(judged(with(clock_row("clock_bytes", 1004)), "clock_bytes").judgement, "met");
  EXPECT_EQ(judged(with(clock_row("clock_bytes", 1020)), "clock_bytes").judgement, "missed");
  const auto by_noise = [](int64_t noise) {
    return judged(with(clock_row("clock_bytes", 1020), FileKind::kSteadyTs, noise), "clock_bytes");
  };
  EXPECT_EQ(by_noise(30).judgement, "met");
  EXPECT_EQ(by_noise(60).judgement, "not clear: too noisy");
}

TEST(Clocks, pacing_is_published_without_a_bar) {
  EXPECT_EQ(judged(with(clock_row("clock_paced", 1500)), "clock_paced").judgement,
            "no bar: published");
  EXPECT_EQ(judged(with(clock_row("clock_unpaced", 1500)), "clock_unpaced").judgement, "missed");
}

TEST(Clocks, what_has_no_figure_says_why) {
  const Case c = with(without_figure("clock_pcr", RowState::kVoid, "packet 3: other bytes"));
  EXPECT_EQ(judged(c, "clock_pcr").judgement, "clock_pcr is void: packet 3: other bytes");
  EXPECT_EQ(judged(c, "clock_bytes").judgement, "not measured");
  EXPECT_EQ(judged(with(clock_row("clock_pcr", 1001, 5)), "clock_pcr").judgement, "too few rounds");
}

TEST(Clocks, the_table_has_bar_and_figure_side_by_side) {
  const std::string text = clocks_table(results({with(clock_row("clock_pcr", 1059))}));
  EXPECT_THAT(text, HasSubstr("clock_pcr           clock_wall       steady TS        60"));
  EXPECT_THAT(text, HasSubstr("59 (59–59)"));
  EXPECT_THAT(text, HasSubstr("noise, steady TS file: 5 ns\n"));
}

}  // namespace
}  // namespace zc::bench
