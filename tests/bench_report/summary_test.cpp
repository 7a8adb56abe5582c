// What is claimed, and what is not, from literal figures.
#include "bench/report/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/report/markdown.h"
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
                              "bytes: 0.25–0.25 of read_writev's CPU time."));
  EXPECT_THAT(text, HasSubstr("the application makes the RTP headers**, on nic: use "
                              "`udp_segment_writev`"));
}

TEST(Summary, sizes_with_the_same_answer_are_one_sentence) {
  EXPECT_THAT(claims_of(collect({results({usual_case(512), usual_case(1024)})})),
              HasSubstr("use `krtpsendfile` at 512 and 1024 bytes"));
}

TEST(Summary, two_that_cannot_be_told_apart_are_both_named) {
  Row one = row("one", "application", 500), other = row("other", "application", 501);
  one.samples[0].machine_ns += 40000;  // their ratio is now on both sides of 1
  one.samples[1].machine_ns += 40000;
  const Collection collection =
      collect({results({a_case({row("read_writev", "application", 1000), one, other})})});
  EXPECT_THAT(claims_of(collection), HasSubstr("use `one` or `other`"));
  EXPECT_THAT(claims_of(collection), HasSubstr("cannot be told apart"));
}

TEST(Summary, a_difference_within_the_noise_floor_is_no_difference) {
  Row again = row("read_writev", "application", 1200);
  again.again = true;
  const Collection collection = collect(
      {results({a_case({row("read_writev", "application", 1000), again,
                        row("one", "application", 500), row("two", "application", 550)})})});
  EXPECT_THAT(claims_of(collection), HasSubstr("use `one` or `two`"));
}

TEST(Summary, a_void_row_is_not_recommended) {
  const Collection collection = collect(
      {results({a_case({row("read_writev", "application", 1000), row("x", "application", 900),
                        without_figure("krtpsendfile", "void", "lost")})})});
  EXPECT_THAT(claims_of(collection), Not(HasSubstr("krtpsendfile")));
}

TEST(Summary, a_reference_without_rtp_is_no_way_to_send_rtp) {
  const Collection collection = collect(
      {results({a_case({row("read_writev", "application", 1000), row("x", "application", 900),
                        row("sendfile_bare", "none", 100)})})});
  EXPECT_THAT(claims_of(collection), Not(HasSubstr("sendfile_bare")));
}

TEST(Summary, where_a_rival_is_faster_the_project_says_so) {
  const Collection collection = collect({results({a_case(
      {row("read_writev", "application", 1000), row("udp_segment_writev", "application", 200),
       row("krtpsendfile", "zcctl", 300)})})});
  const auto found = losses(collection.cases);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].ours->method, "krtpsendfile");
  EXPECT_EQ(found[0].rival->method, "udp_segment_writev");
  EXPECT_NEAR(found[0].ratio.median, 1.5, 0.001);
  const Score total = score(collection.cases);
  EXPECT_EQ(total.won, 1U);
  EXPECT_EQ(total.lost, 1U);
  EXPECT_EQ(total.open, 0U);
}

TEST(Summary, nothing_measured_nothing_claimed) {
  EXPECT_TRUE(use_when({}).empty());
  EXPECT_TRUE(losses({}).empty());
}

}  // namespace
}  // namespace zc::bench
