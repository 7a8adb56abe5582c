// SPDX-License-Identifier: GPL-2.0-only
// Medians, intervals and the figures of the papers, against numbers worked out by hand.
#include "results/figures.h"

#include <gtest/gtest.h>

#include "results/results.h"

namespace zc::bench {
namespace {

Sample sample(unsigned round, int64_t machine_ns, int64_t process_ns = 0) {
  Sample made;
  made.round = round;
  made.packets = 1000;
  made.wall_ns = 2000000;
  made.machine_ns = machine_ns;
  made.process_ns = process_ns;
  return made;
}

Row row(const std::string& method, std::vector<Sample> samples) {
  Row made;
  made.method = method;
  made.samples = std::move(samples);
  return made;
}

TEST(Estimate, OfNothingIsNoFigure) {
  EXPECT_EQ(estimate({}).rounds, 0U);
}

TEST(Estimate, OfOneValueIsThatValueWithoutWidth) {
  const Estimate one = estimate({7.5});
  EXPECT_EQ(one.rounds, 1U);
  EXPECT_DOUBLE_EQ(one.median, 7.5);
  EXPECT_DOUBLE_EQ(one.low, 7.5);
  EXPECT_DOUBLE_EQ(one.high, 7.5);
}

TEST(Estimate, TheMedianOfAnOddNumberIsTheMiddleOne) {
  EXPECT_DOUBLE_EQ(estimate({9, 1, 4}).median, 4);
}

TEST(Estimate, TheMedianOfAnEvenNumberIsHalfwayBetweenTheMiddleTwo) {
  EXPECT_DOUBLE_EQ(estimate({1, 10, 4, 2}).median, 3);
}

// Three values drawn with replacement have the smallest as their median in 7 of 27 cases, and the
// largest in 7 of 27: both far above 2.5 %, so the interval is the whole range.
TEST(Estimate, TheIntervalOfThreeValuesIsTheirRange) {
  const Estimate three = estimate({1, 2, 3});
  EXPECT_DOUBLE_EQ(three.low, 1);
  EXPECT_DOUBLE_EQ(three.high, 3);
}

// At least five of nine draws must be the smallest for it to be the median:
// sum over k>=5 of C(9,k) (1/9)^k (8/9)^(9-k) = 0.14 %. At most the second smallest: 2.6 %. So the
// lower end is the second or the third, and the upper end the same from above.
TEST(Estimate, TheIntervalOfNineValuesLeavesTheOutermostAway) {
  const Estimate nine = estimate({1, 2, 3, 4, 5, 6, 7, 8, 1000});
  EXPECT_DOUBLE_EQ(nine.median, 5);
  EXPECT_GE(nine.low, 2);
  EXPECT_LE(nine.low, 3);
  EXPECT_GE(nine.high, 7);
  EXPECT_LE(nine.high, 8);
}

TEST(Estimate, IsTheSameEveryTime) {
  const std::vector<double> values{5, 3, 8, 1, 9, 2};
  EXPECT_DOUBLE_EQ(estimate(values).low, estimate(values).low);
  EXPECT_DOUBLE_EQ(estimate(values).high, estimate(values).high);
}

TEST(RatioOf, IsTakenRoundByRound) {
  const Row one = row("a", {sample(1, 100000), sample(2, 900000), sample(3, 300000)});
  const Row other = row("b", {sample(3, 600000), sample(1, 200000), sample(2, 1800000)});
  const Estimate ratio = ratio_of(one, other, Metric::kMachine);
  EXPECT_EQ(ratio.rounds, 3U);
  EXPECT_DOUBLE_EQ(ratio.median, 0.5);
  EXPECT_DOUBLE_EQ(ratio.low, 0.5);
  EXPECT_DOUBLE_EQ(ratio.high, 0.5);
}

TEST(RatioOf, LeavesRoundsAwayThatOneOfThemDoesNotHave) {
  const Row one = row("a", {sample(1, 100000), sample(2, 100000)});
  const Row other = row("b", {sample(2, 400000), sample(3, 100000)});
  const Estimate ratio = ratio_of(one, other, Metric::kMachine);
  EXPECT_EQ(ratio.rounds, 1U);
  EXPECT_DOUBLE_EQ(ratio.median, 0.25);
}

TEST(RatioOf, AVoidRowHasNone) {
  Row one = row("a", {sample(1, 100000)});
  const Row other = row("b", {sample(1, 100000)});
  one.state = RowState::kVoid;
  EXPECT_EQ(ratio_of(one, other, Metric::kMachine).rounds, 0U);
}

TEST(DeriveFigures, UsesTheClockThatTheCaseNames) {
  Case c;
  c.payload_bytes = 1000;
  c.baseline = "a";
  c.metric = Metric::kProcess;
  c.rows = {row("a", {sample(1, 500000, 200000)})};
  derive_figures(c);
  EXPECT_DOUBLE_EQ(c.rows[0].ns_per_packet.median, 200);
  // 200 ns for 1000 bytes are 0.2 ns a byte: 0.2 s for 10^9 bytes.
  EXPECT_DOUBLE_EQ(c.rows[0].cpu_s_per_gb.median, 0.2);
  // 8000 bits in 200 ns of CPU time, and in 2000 ns of the wall clock.
  EXPECT_DOUBLE_EQ(c.rows[0].cpu_gbit_per_s.median, 40);
  EXPECT_DOUBLE_EQ(c.rows[0].wall_gbit_per_s.median, 4);
}

TEST(DeriveFigures, CountsCallsCopiesAndErrors) {
  Case c;
  c.payload_bytes = 1000;
  c.metric = Metric::kMachine;
  Sample counted = sample(1, 100000);
  counted.calls = {{"read", 1000}, {"writev", 1000}, {"mmap", 500}};
  counted.zerocopy_sends = 200;
  counted.zerocopy_copied = 50;
  counted.send_errors = 100;
  c.rows = {row("a", {counted})};
  derive_figures(c);
  EXPECT_DOUBLE_EQ(c.rows[0].calls_per_packet, 2.5);
  EXPECT_DOUBLE_EQ(c.rows[0].copied_share, 0.25);
  EXPECT_DOUBLE_EQ(c.rows[0].errors_per_packet, 0.1);
}

// Paper 000, equations 1 and 2: t_tot = 1000 ns, t_1 = 200 ns, so t_2 = 800 ns and, with 1000
// bytes, R_max = 8000 bits / 800 ns = 10 Gbit/s. A loan that takes 900 ns in all costs 100.
TEST(DeriveFigures, TellsTheCopyFromTheRestAsPaper000Does) {
  Case c;
  c.payload_bytes = 1000;
  c.metric = Metric::kMachine;
  c.rows = {row("loan_send", {sample(1, 1000000)}), row("loan_zerocopy", {sample(1, 900000)}),
            row("copy_only", {sample(1, 200000)})};
  derive_figures(c);
  EXPECT_DOUBLE_EQ(c.r_max_gbit_per_s.median, 10);
  EXPECT_DOUBLE_EQ(c.rows[0].movement_ns.median, 200);
  EXPECT_DOUBLE_EQ(c.rows[1].movement_ns.median, 100);
  EXPECT_DOUBLE_EQ(c.rows[2].movement_ns.median, 200);
}

TEST(DeriveFigures, WithoutACopyThereIsNoRMax) {
  Case c;
  c.payload_bytes = 1000;
  c.metric = Metric::kMachine;
  c.rows = {row("loan_send", {sample(1, 1000000)})};
  derive_figures(c);
  EXPECT_EQ(c.r_max_gbit_per_s.rounds, 0U);
  EXPECT_EQ(c.rows[0].movement_ns.rounds, 0U);
}

TEST(NoiseFloor, IsTheFartherEndOfTheSecondBaselinesInterval) {
  Case c;
  c.rows = {row("a", {}), row("a", {})};
  c.rows[1].again = true;
  c.rows[1].ratio = {1.01, 0.98, 1.04, 10};
  EXPECT_NEAR(noise_floor(c), 0.04, 1e-12);
}

TEST(NoiseFloor, WithoutASecondBaselineItIsNotKnown) {
  Case c;
  c.rows = {row("a", {})};
  EXPECT_LT(noise_floor(c), 0);
}

}  // namespace
}  // namespace zc::bench
