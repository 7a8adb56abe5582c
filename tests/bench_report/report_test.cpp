// SPDX-License-Identifier: GPL-2.0-only
// The report's text, from small results with literal figures. No picture is drawn here.
#include "report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "html.h"
#include "markdown.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string markdown_of(std::vector<Results> runs) {
  return to_markdown(make_report(collect(std::move(runs))));
}

std::string html_of(std::vector<Results> runs) {
  return to_html(make_report(collect(std::move(runs))));
}

TEST(Report, names_the_host_the_command_and_the_revision) {
  const std::string text = markdown_of({results({usual_case()})});
  EXPECT_THAT(text, HasSubstr("Linux 6.1.0 x86_64 on 2 × A CPU"));
  EXPECT_THAT(text,
              HasSubstr("| streaming | 6, 2 s each, seed 0 | 0123abc | 0 ns | zcctl bench run |"));
}

TEST(Report, figure_5_is_relative_to_the_baseline_in_the_papers_order) {
  const std::string text = markdown_of({results({usual_case(512), usual_case(1024)})});
  EXPECT_THAT(text, HasSubstr("| CPU time, read_writev = 1 | 512 bytes | 1024 bytes |"));
  const size_t sendfile = text.find("| rtp_sendfile | 2.00 (2–2)");
  const size_t krtp = text.find("| krtpsendfile | 0.25 (0.25–0.25)");
  ASSERT_NE(sendfile, std::string::npos);
  ASSERT_NE(krtp, std::string::npos);
  EXPECT_LT(sendfile, krtp);
}

// Paper 002, Table 2: 9.064322 s and 9.351078 s at 512 bytes.
TEST(Report, the_papers_own_ratio_stands_beside_ours_and_is_called_the_papers) {
  EXPECT_THAT(markdown_of({results({usual_case(512)})}),
              HasSubstr("| rtp_sendfile | 2.00 (2–2); paper 0.97 |"));
}

TEST(Report, a_saving_of_the_paper_stands_beside_ours) {
  EXPECT_THAT(markdown_of({results({usual_case()})}),
              HasSubstr("| krtpsendfile | rtp_sendfile | 27 % less | section 5, abstract | "
                        "87 % less"));
}

// 1.1 and 1.2 would be "10 % more (10 to 10)" and so on; from 2 on, times are easier to read.
TEST(Report, more_is_percent_and_much_more_is_times) {
  const Case c = a_case({row("read_send_rtp", HeaderBy::kApplication, 1000),
                         row("mmap_rtpmsend", HeaderBy::kApplication, 1100),
                         row("krtpmsend", HeaderBy::kZcctl, 3000)});
  const std::string text = markdown_of({results({c})});
  EXPECT_THAT(text, HasSubstr("| 24 % less | section 5 | 10 % more (10 to 10) |"));
  EXPECT_THAT(text, HasSubstr("| 36 % less | section 5 | 3.0 times (3.0 to 3.0) |"));
}

TEST(Report, void_and_impossible_rows_are_there_with_their_reason) {
  Case c =
      a_case({row("read_writev", HeaderBy::kApplication, 1000),
              without_figure("krtpsendfile", RowState::kVoid, "3 packets are missing"),
              without_figure("rtpsendfile", RowState::kImpossible, "zcctl drops IP fragments")});
  const std::string text = markdown_of({results({c})});
  EXPECT_THAT(text, HasSubstr("| krtpsendfile | void | 3 packets are missing | "
                              "streaming, nic, 1388 bytes, MTU 1500 |"));
  EXPECT_THAT(text, HasSubstr("| rtpsendfile | impossible | zcctl drops IP fragments |"));
  EXPECT_THAT(html_of({results({c})}), HasSubstr("3 packets are missing"));
}

TEST(Report, one_method_only_is_a_report_too) {
  const std::string text =
      markdown_of({results({a_case({row("read_writev", HeaderBy::kApplication, 1000)})})});
  EXPECT_THAT(text, HasSubstr("| read_writev | 1.00 (1–1) |"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(Report, a_run_without_cases_says_that_nothing_can_be_said) {
  const std::string text = markdown_of({results({})});
  EXPECT_THAT(text, HasSubstr("nothing can be said"));
  EXPECT_THAT(text, HasSubstr("Not measured: no result of this suite"));
}

TEST(Report, a_figure_without_a_valid_row_says_why_it_is_empty) {
  const Case c = a_case({without_figure("read_writev", RowState::kVoid, "one byte is wrong")});
  const std::string text = html_of({results({c})});
  EXPECT_THAT(text, HasSubstr("No row of this figure has a valid measurement on nic"));
  EXPECT_THAT(text, Not(HasSubstr("<svg")));
}

TEST(Report, short_runs_and_interrupted_ones_are_called_so_on_top) {
  Results short_run = results({usual_case()});
  short_run.smoke = short_run.interrupted = true;
  const std::string text = markdown_of({short_run});
  EXPECT_LT(text.find("SMOKE"), text.find("## In short"));
  EXPECT_LT(text.find("was interrupted"), text.find("## In short"));
}

TEST(Report, a_noise_floor_above_five_percent_is_said_on_top) {
  Row again = row("read_writev", HeaderBy::kApplication, 1100);
  again.again = true;
  const std::string text =
      markdown_of({results({a_case({row("read_writev", HeaderBy::kApplication, 1000), again})})});
  EXPECT_LT(text.find("twice differed by more than 5 %"), text.find("## In short"));
}

TEST(Report, names_from_a_file_do_no_harm_in_html) {
  Row hostile = row("<script>alert(1)</script>", HeaderBy::kApplication, 700);
  hostile.checksum = "\"'><img src=x>";
  const std::string text =
      html_of({results({a_case({row("read_writev", HeaderBy::kApplication, 1000), hostile})})});
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("<img")));
  EXPECT_THAT(text, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(Report, a_pipe_in_a_name_does_not_make_a_column_in_markdown) {
  const std::string text =
      markdown_of({results({a_case({row("read_writev", HeaderBy::kApplication, 1000),
                                    row("a|b\nc", HeaderBy::kApplication, 700)})})});
  EXPECT_THAT(text, HasSubstr("| a\\|b c |"));
}

TEST(Report, the_page_fetches_nothing_and_runs_nothing) {
  const std::string text = html_of({results({usual_case()})});
  for (const char* const part : {"http://", "https://", "src=", "<script", "<link", "@import"})
    EXPECT_THAT(text, Not(HasSubstr(part)));
}

TEST(Report, huge_and_tiny_figures_are_printed_as_numbers) {
  const std::string text =
      markdown_of({results({a_case({row("read_writev", HeaderBy::kApplication, 1),
                                    row("slow", HeaderBy::kApplication, 4'000'000'000'000)})})});
  EXPECT_THAT(text, HasSubstr("| slow |"));
  EXPECT_THAT(text, Not(HasSubstr("inf")));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

// Ctrl-C in the first round may leave other rows' figures without the baseline's.
TEST(Report, without_the_baseline_a_bar_says_so_and_time_is_drawn_all_the_same) {
  const std::string text = markdown_of(
      {results({usual_case(512), a_case({without_figure("read_writev", RowState::kVoid, "lost"),
                                         row("mmap_writev", HeaderBy::kApplication, 1388),
                                         row("krtpsendfile", HeaderBy::kZcctl, 694)})})});
  EXPECT_THAT(text, HasSubstr("| krtpsendfile | 0.25 (0.25–0.25) | no baseline |"));
  EXPECT_THAT(text, HasSubstr("| krtpsendfile | 0.49  ×0.25 (0.488–0.488) | 0.50 (0.5–0.5) |"));
  EXPECT_THAT(text, HasSubstr("| mmap_writev |  | 1.00 (1–1) |"));
  EXPECT_THAT(text, Not(HasSubstr("no round")));
}

TEST(Report, a_figure_of_ratios_says_that_the_baseline_may_be_what_it_lacks) {
  EXPECT_THAT(markdown_of({results({a_case({without_figure("read_writev", RowState::kVoid, "lost"),
                                            row("krtpsendfile", HeaderBy::kZcctl, 694)})})}),
              HasSubstr("valid measurement on nic, or the baseline has none"));
}

TEST(Report, every_picture_says_whose_cpu_time_it_has) {
  Case by_process = usual_case(512);
  by_process.metric = Metric::kProcess;
  const std::string text = markdown_of({results({by_process, usual_case(1024)})});
  EXPECT_THAT(text, HasSubstr("- 512 bytes: MTU 1500, CPU time of the process, noise floor 0.0 %"));
  EXPECT_THAT(text,
              HasSubstr("- 1024 bytes: MTU 1500, CPU time of the machine, noise floor 0.0 %"));
  EXPECT_THAT(html_of({results({by_process})}), HasSubstr("CPU time of the process, noise"));
}

TEST(Report, few_rounds_are_said_on_top_and_nothing_is_claimed) {
  const Case few = a_case({row("read_writev", HeaderBy::kApplication, 1000, 5),
                           row("rtp_sendfile", HeaderBy::kApplication, 1000, 5),
                           row("krtpsendfile", HeaderBy::kZcctl, 250, 5)});
  EXPECT_THAT(
      markdown_of({results({few, usual_case(512)})}),
      HasSubstr("Fewer than 6 rounds in 1 of 2 cases: streaming, nic, 1388 bytes, MTU 1500"));
  const std::string text = markdown_of({results({few})});
  EXPECT_LT(text.find("Fewer than 6 rounds in all cases"), text.find("## In short"));
  EXPECT_THAT(text, HasSubstr("Nothing is claimed: no two ways of a kind have 6 rounds."));
  EXPECT_THAT(text, HasSubstr("No pair of a way of zcctl's and another has the 6 rounds"));
  EXPECT_THAT(text, HasSubstr("| too few rounds: times 0.25 \\[0.25–0.25\\] |"));
  EXPECT_THAT(text, HasSubstr("fewer than 6 rounds: ranges, no intervals"));
}

TEST(Report, enough_rounds_are_not_mentioned) {
  EXPECT_THAT(markdown_of({results({usual_case()})}), Not(HasSubstr("ranges, no intervals")));
}

TEST(Report, the_score_is_apart_by_calls_and_names_what_cannot_be_sent) {
  const Case fragments =
      a_case({row("read_writev", HeaderBy::kApplication, 1000),
              without_figure("krtpsendfile", RowState::kImpossible, "zcctl drops IP fragments")},
             2048);
  const std::string text = markdown_of({results({usual_case(), fragments})});
  EXPECT_THAT(text, HasSubstr("- **Against a call for each packet, which is easily beaten**: of 3 "
                              "pairs zcctl needs less CPU time in 3, more in 0, and 0 cannot be "
                              "told apart.\n"));
  EXPECT_THAT(text,
              HasSubstr("- **Not at all at 2048 bytes** on nic with an MTU of 1500: zcctl drops IP "
                        "fragments. 1 other way can.\n"));
}

TEST(Report, calls_of_a_program_are_not_none_but_not_counted) {
  Row program = row("ffmpeg_rtp", HeaderBy::kApplication, 9000);
  program.transport = Transport::kProgram;
  EXPECT_THAT(
      markdown_of({results({a_case({row("read_writev", HeaderBy::kApplication, 1000), program})})}),
      HasSubstr("| ffmpeg_rtp | application | 9.00 (9.00–9.00) | 6.484 (6.484–6.484) | 9000 "
                "| – | – |"));
}

// The figure does not depend on the size; the papers have it once for each method as well.
TEST(Report, calls_stand_once_for_each_method_beside_the_papers) {
  const std::string text = markdown_of({results({usual_case(512), usual_case(1024)})});
  EXPECT_THAT(text, HasSubstr("| read_writev | 1 writev, 0.001 mmap | 512 | n read, n writev | "
                              "3n | 4n |"));
  EXPECT_EQ(text.find("n read, n writev"), text.rfind("n read, n writev"));
}

TEST(Report, hosts_and_devices_of_several_runs_are_shown_once) {
  Results one = results({usual_case(512)}), other = results({usual_case(1024)});
  one.environments = other.environments = {{"nic", "a device", "", "pfifo_fast", "cubic", {}}};
  const std::string text = markdown_of({one, other});
  EXPECT_EQ(text.find("| kernel |"), text.rfind("| kernel |"));
  EXPECT_EQ(text.find("| nic | a device |"), text.rfind("| nic | a device |"));
}

TEST(Report, a_device_that_is_no_real_card_is_called_so) {
  EXPECT_THAT(markdown_of({results({usual_case()})}),
              HasSubstr("without a doorbell, DMA mapping or completion interrupt"));
}

TEST(Report, of_two_runs_of_a_case_the_newer_counts_but_no_short_one) {
  Results real = results({usual_case()}, "2026-01-01T00:00:00Z");
  Results short_run = results({usual_case()}, "2026-02-01T00:00:00Z");
  short_run.smoke = true;
  Results newer = results({usual_case()}, "2026-01-15T00:00:00Z");
  const Collection collection = collect({real, short_run, newer});
  ASSERT_EQ(collection.cases.size(), 1U);
  EXPECT_EQ(collection.cases[0].run->date, "2026-01-15T00:00:00Z");
  EXPECT_EQ(collection.left_out.size(), 2U);
}

// Table 2's last row of TCP download: 1.044841 s and 1.308400 s. Its rows of a call for each piece
// are another thing.
TEST(Report, one_sendfile_for_the_whole_file_stands_beside_the_papers_whole_file) {
  Row whole = row("sendfile_tcp", HeaderBy::kNone, 1000);
  whole.transport = Transport::kTcp;
  Case c = of_suite("download", a_case({row("read_write_tcp", HeaderBy::kNone, 2000), whole}, 512));
  const std::string text = markdown_of({results({c})});
  EXPECT_THAT(text, HasSubstr("| TCP | download | sendfile | whole file | 1.31 | 1.04 |"));
  EXPECT_THAT(text, Not(HasSubstr("2.78")));
}

TEST(Report, a_profile_is_shown_beside_the_papers) {
  Case c = usual_case();
  c.rows[0].profile = {{12.5, "[kernel.kallsyms]", "rep_movs_alternative"},
                       {3.25, "nf_tables", "nft_do_chain"},
                       {2, "bpf_prog_0af_zc_stamp", "bpf_prog_0af_zc_stamp"}};
  const std::string text = markdown_of({results({c})});
  EXPECT_THAT(text, HasSubstr("| read_writev | rep_movs_alternative 12.5 %, nft_do_chain "
                              "(nf_tables) 3.2 %, bpf_prog_0af_zc_stamp 2.0 % |"));
  EXPECT_THAT(text, HasSubstr("| read and send | __copy_from_user_ll 19.4 %, __copy_to_user_ll "
                              "18.4 %, search_by_key (reiserfs.ko) 8.1 %, "));
}

TEST(Report, a_file_of_another_zcctl_with_unknown_and_missing_keys_is_read) {
  const auto read = from_json(R"({"schema":1,"new":{},"cases":[{"rows":[{"method":"x"}]}]})");
  ASSERT_TRUE(read);
  EXPECT_THAT(markdown_of({*read}), HasSubstr("| x |"));
}

}  // namespace
}  // namespace zc::bench
