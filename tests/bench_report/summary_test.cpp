// SPDX-License-Identifier: GPL-2.0-only
// What is claimed, and what is not, from literal figures.
#include "summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "markdown.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string claims_of(const Collection& collection) {
  const Document document{"", "", {Bullets{use_when(collection.cases)}}};
  return to_markdown(document);
}

TEST(Summary, the_cheapest_way_is_named_where_all_others_need_more) {
  const std::string text = claims_of(collect({results({usual_case()})}));
  EXPECT_THAT(text, HasSubstr("any way of sending will do**, on nic: use `krtpsendfile` at 1388 "
                              "bytes: 0.25–0.25 of read_writev's CPU time (the cheapest of 4 "
                              "ways)."));
  EXPECT_THAT(text, HasSubstr("the application makes the RTP headers**, on nic: use "
                              "`udp_segment_writev`"));
}

TEST(Summary, sizes_with_the_same_answer_are_one_sentence) {
  EXPECT_THAT(claims_of(collect({results({usual_case(512), usual_case(1024)})})),
              HasSubstr("use `krtpsendfile` at 512 and 1024 bytes"));
}

TEST(Summary, two_that_cannot_be_told_apart_are_both_named) {
  Row one = row("one", HeaderBy::kApplication, 500),
      other = row("other", HeaderBy::kApplication, 501);
  one.samples[0].machine_ns += 40000;  // their ratio is now on both sides of 1
  one.samples[1].machine_ns += 40000;
  const Collection collection =
      collect({results({a_case({row("read_writev", HeaderBy::kApplication, 1000), one, other})})});
  EXPECT_THAT(claims_of(collection), HasSubstr("use `one` or `other`"));
  EXPECT_THAT(claims_of(collection), HasSubstr("cannot be told apart"));
}

TEST(Summary, a_difference_within_the_noise_floor_is_no_difference) {
  Row again = row("read_writev", HeaderBy::kApplication, 1200);
  again.again = true;
  const Collection collection = collect({results({a_case(
      {row("read_writev", HeaderBy::kApplication, 1000), again,
       row("one", HeaderBy::kApplication, 500), row("two", HeaderBy::kApplication, 550)})})});
  EXPECT_THAT(claims_of(collection), HasSubstr("use `one` or `two`"));
}

TEST(Summary, a_void_row_is_not_recommended) {
  const Collection collection = collect({results({a_case(
      {row("read_writev", HeaderBy::kApplication, 1000), row("x", HeaderBy::kApplication, 900),
       without_figure("krtpsendfile", RowState::kVoid, "lost")})})});
  EXPECT_THAT(claims_of(collection), Not(HasSubstr("krtpsendfile")));
}

TEST(Summary, a_reference_without_rtp_is_no_way_to_send_rtp) {
  const Collection collection = collect({results({a_case(
      {row("read_writev", HeaderBy::kApplication, 1000), row("x", HeaderBy::kApplication, 900),
       row("sendfile_bare", HeaderBy::kNone, 100)})})});
  EXPECT_THAT(claims_of(collection), Not(HasSubstr("sendfile_bare")));
}

// What is in one suite only was asked for, too: the answer has them all.
TEST(Summary, ways_of_two_suites_are_compared_at_each_size) {
  const Case streaming = a_case({row("read_writev", HeaderBy::kApplication, 1000),
                                 row("sendmmsg_rtp", HeaderBy::kApplication, 600),
                                 row("krtpsendfile", HeaderBy::kZcctl, 300)});
  const Case rivals = of_suite("rivals", a_case({row("read_writev", HeaderBy::kApplication, 2000),
                                                 row("tx_ring", HeaderBy::kApplication, 400)}));
  EXPECT_THAT(claims_of(collect({results({streaming, rivals})})),
              HasSubstr("any way of sending will do**, on nic: use `tx_ring` at 1388 bytes: "
                        "0.20–0.20 of read_writev's CPU time (the cheapest of 4 ways)."));
}

TEST(Summary, what_one_suite_did_not_ask_at_a_size_is_not_claimed_there) {
  const auto streaming = [](unsigned bytes) {
    return a_case({row("read_writev", HeaderBy::kApplication, 1000),
                   row("krtpsendfile", HeaderBy::kZcctl, 300)},
                  bytes);
  };
  const Case rivals = of_suite("rivals", a_case({row("read_writev", HeaderBy::kApplication, 1000),
                                                 row("tx_ring", HeaderBy::kApplication, 200)}));
  EXPECT_THAT(claims_of(collect({results({streaming(512), streaming(1388), rivals})})),
              HasSubstr("use `krtpsendfile` at 512 bytes: 0.30–0.30 of read_writev's CPU time (the "
                        "cheapest of 2 ways); use `tx_ring` at 1388 bytes: 0.20–0.20 of "
                        "read_writev's CPU time (the cheapest of 3 ways)."));
}

TEST(Summary, two_of_different_suites_whose_intervals_overlap_are_both_named) {
  Row close = row("tx_ring", HeaderBy::kApplication, 299);
  close.samples[0].machine_ns += 9000;
  const Case streaming = a_case({row("read_writev", HeaderBy::kApplication, 1000),
                                 row("krtpsendfile", HeaderBy::kZcctl, 300)});
  const Case rivals =
      of_suite("rivals", a_case({row("read_writev", HeaderBy::kApplication, 1000), close}));
  EXPECT_THAT(claims_of(collect({results({streaming, rivals})})),
              HasSubstr("use `krtpsendfile` or `tx_ring` at 1388 bytes"));
}

// 0.00–0.00 of read_writev's CPU time, it once said.
TEST(Summary, without_the_baseline_there_is_no_ratio_to_name) {
  Case c =
      a_case({without_figure("read_writev", RowState::kVoid, "lost"),
              row("one", HeaderBy::kApplication, 500), row("krtpsendfile", HeaderBy::kZcctl, 250)});
  EXPECT_THAT(claims_of(collect({results({c})})), Not(HasSubstr("0.00")));
}

TEST(Summary, too_few_rounds_make_no_claim_no_win_and_no_loss) {
  const Collection collection = collect({results(
      {a_case({row("read_writev", HeaderBy::kApplication, 1000, 5),
               row("one", HeaderBy::kApplication, 100, 5), row("x", HeaderBy::kZcctl, 500, 5)})})});
  EXPECT_TRUE(use_when(collection.cases).empty());
  EXPECT_TRUE(judged_pairs(collection.cases).empty());
}

// Ctrl-C in the sixth round: the cheapest of those that have it would be no answer.
TEST(Summary, a_case_where_some_ways_lack_a_round_does_not_answer) {
  const Case cut =
      a_case({row("read_writev", HeaderBy::kApplication, 1000, 6),
              row("tx_ring", HeaderBy::kApplication, 200, 5), row("x", HeaderBy::kZcctl, 500, 6)});
  EXPECT_THAT(claims_of(collect({results({cut})})), Not(HasSubstr("any way of sending will do")));
}

Row many_per_call(Row row) {
  for (Sample& sample : row.samples)
    sample.calls = {{"writev", 16}};
  return row;
}

std::vector<Pair> lost(const std::vector<Pair>& pairs) {
  std::vector<Pair> found;
  for (const Pair& pair : pairs) {
    if (pair.outcome == Pair::kLost) found.push_back(pair);
  }
  return found;
}

TEST(Pairs, where_a_rival_is_faster_the_project_says_so) {
  const Collection collection = collect(
      {results({a_case({row("read_writev", HeaderBy::kApplication, 1000),
                        many_per_call(row("udp_segment_writev", HeaderBy::kApplication, 200)),
                        row("krtpsendfile", HeaderBy::kZcctl, 300)})})});
  const auto pairs = judged_pairs(collection.cases);
  const auto found = lost(pairs);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].ours->method, "krtpsendfile");
  EXPECT_EQ(found[0].rival->method, "udp_segment_writev");
  EXPECT_NEAR(found[0].ratio.median, 1.5, 0.001);
}

TEST(Pairs, ways_with_a_call_for_each_packet_are_counted_apart) {
  const Collection collection = collect(
      {results({a_case({row("read_writev", HeaderBy::kApplication, 1000),
                        row("mmap_writev", HeaderBy::kApplication, 800),
                        many_per_call(row("udp_segment_writev", HeaderBy::kApplication, 200)),
                        row("krtpsendfile", HeaderBy::kZcctl, 300)})})});
  const Score total = score(judged_pairs(collection.cases));
  EXPECT_EQ(total.one.won, 2U);
  EXPECT_EQ(total.one.lost, 0U);
  EXPECT_EQ(total.many.won, 0U);
  EXPECT_EQ(total.many.lost, 1U);
}

TEST(Pairs, a_win_within_the_noise_floor_is_none) {
  Row again = row("read_writev", HeaderBy::kApplication, 1200);
  again.again = true;
  const auto with_noise = [&](const Row& ours) {
    const Collection collection = collect(
        {results({a_case({row("read_writev", HeaderBy::kApplication, 1000), again, ours})})});
    return score(judged_pairs(collection.cases)).one;
  };
  EXPECT_EQ(with_noise(row("krtpsendfile", HeaderBy::kZcctl, 900)).open, 1U);
  EXPECT_EQ(with_noise(row("krtpsendfile", HeaderBy::kZcctl, 700)).won, 1U);
  // A loss takes no more than the interval.
  EXPECT_EQ(with_noise(row("krtpsendfile", HeaderBy::kZcctl, 1100)).lost, 1U);
}

TEST(Pairs, where_the_noise_is_not_known_there_is_no_win_but_a_loss) {
  const auto without_baseline = [](int64_t ns) {
    const Collection collection =
        collect({results({a_case({without_figure("read_writev", RowState::kVoid, "lost"),
                                  row("mmap_writev", HeaderBy::kApplication, 1000),
                                  row("krtpsendfile", HeaderBy::kZcctl, ns)})})});
    return score(judged_pairs(collection.cases)).one;
  };
  EXPECT_EQ(without_baseline(200).open, 1U);
  EXPECT_EQ(without_baseline(1100).lost, 1U);
}

TEST(Pairs, real_programs_are_no_rivals) {
  Row program = row("ffmpeg_rtp", HeaderBy::kApplication, 9000);
  program.transport = Transport::kProgram;
  const Collection collection =
      collect({results({a_case({row("read_writev", HeaderBy::kApplication, 1000), program,
                                row("krtpsendfile", HeaderBy::kZcctl, 300)})})});
  const auto pairs = judged_pairs(collection.cases);
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].rival->method, "read_writev");
}

TEST(Pairs, one_that_is_in_several_suites_counts_once_and_at_its_worst) {
  const auto with_ours = [](int64_t ns) {
    return a_case({row("read_writev", HeaderBy::kApplication, 1000),
                   row("krtpsendfile", HeaderBy::kZcctl, ns)});
  };
  const Collection collection = collect({results(
      {with_ours(300), of_suite("rivals", with_ours(1200)), of_suite("bars", with_ours(300))})});
  const auto pairs = judged_pairs(collection.cases);
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].outcome, Pair::kLost);
  EXPECT_NEAR(pairs[0].ratio.median, 1.2, 0.001);
}

TEST(Unsent, a_size_that_only_others_can_send_is_named) {
  const Row impossible =
      without_figure("krtpsendfile", RowState::kImpossible, "zcctl drops IP fragments");
  const Collection collection =
      collect({results({a_case({row("read_writev", HeaderBy::kApplication, 1000),
                                row("mmap_writev", HeaderBy::kApplication, 900), impossible},
                               2048),
                        a_case({row("read_writev", HeaderBy::kApplication, 1000), impossible,
                                row("rtpsendfile", HeaderBy::kZcctl, 900)},
                               1024),
                        a_case({row("read_writev", HeaderBy::kApplication, 1000)}, 512)})});
  const auto found = unsent(collection.cases);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].c->payload_bytes, 2048U);
  EXPECT_EQ(found[0].others, 2U);
  EXPECT_EQ(found[0].why, "zcctl drops IP fragments");
}

TEST(Summary, nothing_measured_nothing_claimed) {
  EXPECT_TRUE(use_when({}).empty());
  EXPECT_TRUE(judged_pairs({}).empty());
}

}  // namespace
}  // namespace zc::bench
