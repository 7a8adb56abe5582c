// SPDX-License-Identifier: GPL-2.0-only
// What RTP over TCP was promised to cost, judged by literal figures: of writev's per frame at most
// 0.60 on lo and 0.30 on veth, of 46 frames a call 2.2, of 64 KB a call 1.7 at 8192 bytes, of a
// program that only passes 2.0 and 1.5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report.h"
#include "report/table.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;

Row tcp_row(const std::string& method, HeaderBy rtp, int64_t ns) {
  Row made = row(method, rtp, ns);
  made.transport = Transport::kTcp;
  return made;
}

Case tcp_case(int64_t ours, const std::string& environment = "lo", unsigned bytes = 1388) {
  Case c = of_suite("tcp", a_case({tcp_row("tcp_writev", HeaderBy::kApplication, 1000),
                                   tcp_row("tcp_writev_64k", HeaderBy::kApplication, 300),
                                   tcp_row("tcp_writev_46", HeaderBy::kApplication, 250),
                                   tcp_row("tcp_pass", HeaderBy::kNone, 280),
                                   tcp_row("sendfile_tcp", HeaderBy::kNone, 140),
                                   tcp_row("krtpsendfile_tcp", HeaderBy::kZcctl, ours)},
                                  bytes));
  c.environment = environment;
  c.transport = Transport::kTcp;
  c.baseline = "tcp_writev";
  derive_figures(c);
  return c;
}

std::string judged(const Case& c, const std::string& against) {
  for (const JudgedBar& bar : judge_tcp(results({c}))) {
    if (bar.environment == c.environment && bar.payload_bytes == c.payload_bytes &&
        bar.against == against)
      return bar.judgement;
  }
  return "no such bar";
}

constexpr const char* kEach = "writev per frame";
constexpr const char* kMany = "writev of 46 frames a call";
constexpr const char* k64k = "writev of 64 KB a call";
constexpr const char* kPass = "sendfile, a program that only passes";

TEST(Tcp, a_frame_a_call_has_another_bar_on_each_device) {
  EXPECT_EQ(judged(tcp_case(440), kEach), "met, and what we strive for");
  EXPECT_EQ(judged(tcp_case(590), kEach), "met");
  EXPECT_EQ(judged(tcp_case(610), kEach), "missed");
  EXPECT_EQ(judged(tcp_case(110, "veth"), kEach), "met, and what we strive for");
  EXPECT_EQ(judged(tcp_case(290, "veth"), kEach), "met");
  EXPECT_EQ(judged(tcp_case(310, "veth"), kEach), "missed");
}

TEST(Tcp, many_frames_a_call_are_judged_at_both_sizes) {
  EXPECT_EQ(judged(tcp_case(370), kMany), "met, and what we strive for");
  EXPECT_EQ(judged(tcp_case(540, "veth"), kMany), "met");
  EXPECT_EQ(judged(tcp_case(560, "veth"), kMany), "missed");
  EXPECT_EQ(judged(tcp_case(500, "lo", 8192), k64k), "met");
  EXPECT_EQ(judged(tcp_case(520, "veth", 8192), k64k), "missed");
}

TEST(Tcp, a_program_that_only_passes_is_what_framing_is_judged_by) {
  EXPECT_EQ(judged(tcp_case(550), kPass), "met");
  EXPECT_EQ(judged(tcp_case(570), kPass), "missed");
  EXPECT_EQ(judged(tcp_case(410, "veth", 8192), kPass), "met");
  EXPECT_EQ(judged(tcp_case(430, "veth", 8192), kPass), "missed");
  EXPECT_EQ(judged(tcp_case(300), "sendfile, no frames"), "no bar: published");
}

TEST(Tcp, the_whole_interval_counts) {
  Case c = tcp_case(590);
  for (Sample& sample : c.rows.at(5).samples)
    sample.machine_ns += sample.round == 1 ? 30000 : 0;
  EXPECT_EQ(judged(c, kEach), "not clear");
}

TEST(Tcp, what_is_void_or_of_another_suite_is_no_figure) {
  Case c = tcp_case(500);
  c.rows.at(5) =
      without_figure("krtpsendfile_tcp", RowState::kVoid, "36 of 54 bytes were received");
  EXPECT_EQ(judged(c, kEach), "krtpsendfile_tcp is void: 36 of 54 bytes were received");
  EXPECT_EQ(judged(of_suite("streaming", tcp_case(500)), kEach), "not measured");
}

TEST(Tcp, the_table_has_bar_figure_and_noise) {
  const std::string text = tcp_table(results({tcp_case(590)}));
  EXPECT_THAT(text,
              HasSubstr("krtpsendfile_tcp  writev per frame                     lo        1388 "
                        "    0.60    0.45  0.590  0.590–0.590  met\n"));
  EXPECT_THAT(text, HasSubstr("noise, lo, 1388 bytes: "));
}

TEST(Tcp, the_report_has_it_and_only_where_it_was_measured) {
  std::vector<Results> runs;
  runs.push_back(results({tcp_case(590)}));
  EXPECT_EQ(tcp_blocks(collect(std::move(runs))).size(), 2U);
  runs.clear();
  runs.push_back(results({usual_case()}));
  EXPECT_TRUE(tcp_blocks(collect(std::move(runs))).empty());
}

}  // namespace
}  // namespace zc::bench
