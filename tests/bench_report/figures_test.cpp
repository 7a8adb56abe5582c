// SPDX-License-Identifier: GPL-2.0-only
// The interval of a median by order statistics: the ends are those of the tables, e.g. Conover,
// Practical Nonparametric Statistics, or sums of binomial coefficients by hand.
#include "results/figures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "samples.h"

namespace zc::bench {
namespace {

// Takes 1, 2, … n, so that an end is its own rank.
Estimate of_ranks(size_t n) {
  std::vector<double> values(n);
  std::iota(values.begin(), values.end(), 1);
  std::reverse(values.begin(), values.end());
  return estimate(std::move(values));
}

struct Ranks {
  size_t n;
  double low, high;
};

// 96.9 % of 6, 98.4 % of 7, 99.2 % of 8, 96.1 % of 9, 97.9 % of 10, 96.1 % of 12, 95.9 % of 20;
// a pair further in has less than 95 %.
TEST(Interval, is_the_narrowest_pair_of_values_with_95_percent) {
  for (const Ranks& ranks :
       {Ranks{6, 1, 6}, Ranks{7, 1, 7}, Ranks{8, 1, 8}, Ranks{9, 2, 8}, Ranks{10, 2, 9},
        Ranks{12, 3, 10}, Ranks{20, 6, 15}, Ranks{100, 40, 61}, Ranks{2000, 956, 1045}}) {
    const Estimate estimate = of_ranks(ranks.n);
    EXPECT_EQ(estimate.low, ranks.low) << ranks.n;
    EXPECT_EQ(estimate.high, ranks.high) << ranks.n;
    EXPECT_TRUE(estimate.certain()) << ranks.n;
  }
}

TEST(Interval, of_fewer_than_six_is_a_range_and_not_certain) {
  const Estimate five = of_ranks(5);
  EXPECT_EQ(five.low, 1);
  EXPECT_EQ(five.high, 5);
  EXPECT_FALSE(five.certain());
  EXPECT_FALSE(of_ranks(1).certain());
  EXPECT_FALSE(Estimate{}.certain());
}

TEST(Interval, what_is_no_number_is_left_out) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const Estimate two = estimate({nan, 4, infinite, 2});
  EXPECT_EQ(two.rounds, 2U);
  EXPECT_EQ(two.median, 3);
}

TEST(RatioBy, is_of_any_value_and_round_by_round) {
  Row one = row("a", HeaderBy::kNone, 100), other = row("b", HeaderBy::kNone, 100);
  for (size_t i = 0; i < one.samples.size(); i++) {
    other.samples[i].wall_ns = static_cast<int64_t>(1000 * (i + 1));
    one.samples[i].wall_ns = 3 * other.samples[i].wall_ns;
  }
  const Estimate ratio = ratio_by(
      one, other, [](const Sample& sample) { return static_cast<double>(sample.wall_ns); });
  EXPECT_EQ(ratio.rounds, 6U);
  EXPECT_EQ(ratio.low, 3);
  EXPECT_EQ(ratio.high, 3);
}

TEST(RatioOfTwo, has_the_farthest_ends_of_both_intervals) {
  const Estimate ratio = ratio_of_two({6, 4, 9, 10}, {2, 1, 4, 7});
  EXPECT_EQ(ratio.median, 3);
  EXPECT_EQ(ratio.low, 1);
  EXPECT_EQ(ratio.high, 9);
  EXPECT_EQ(ratio.rounds, 7U);
}

TEST(RatioOfTwo, has_no_figure_to_what_may_be_nothing) {
  EXPECT_EQ(ratio_of_two({6, 4, 9, 10}, {2, 0, 4, 10}).rounds, 0U);
  EXPECT_EQ(ratio_of_two({6, 4, 9, 10}, {}).rounds, 0U);
  EXPECT_EQ(ratio_of_two({}, {2, 1, 4, 7}).rounds, 0U);
}

// 20 of IP, 8 of UDP, 20 of zcctl's header: 1452 fill 1500.
TEST(Fragments, begin_one_byte_above_the_mtu) {
  const Row ours = row("krtpsendfile", HeaderBy::kZcctl, 250);
  EXPECT_FALSE(is_fragmented(a_case({ours}, 1452), ours));
  EXPECT_TRUE(is_fragmented(a_case({ours}, 1453), ours));
  Row frames = ours;
  frames.transport = Transport::kFrames;
  EXPECT_FALSE(is_fragmented(a_case({frames}, 1453), frames));
}

}  // namespace
}  // namespace zc::bench
