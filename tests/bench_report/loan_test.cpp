// SPDX-License-Identifier: GPL-2.0-only
// Paper 000's figures, from literal times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "markdown.h"
#include "report.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

Row copy_only(int64_t ns) {
  Row copy = row("copy_only", HeaderBy::kNone, ns);
  copy.transport = Transport::kNone;
  return copy;
}

std::string markdown_of(std::vector<Case> cases) {
  return to_markdown({"", "", loan_figures(collect({results(std::move(cases))}))});
}

TEST(Loan, nothing_measured_says_so) {
  EXPECT_THAT(markdown_of({}), HasSubstr("zcctl bench run --suite loan"));
}

// t_tot = 1000, t_1 = 200, t_2 = 800 ns. A loan of 700 ns in all costs −100; 8000 bits in 1000 ns
// are 8 Gbit/s, in 800 ns 10.
TEST(Loan, what_a_loan_costs_may_be_less_than_nothing) {
  const std::string text =
      markdown_of({loan_case(1000, {row("loan_send", HeaderBy::kNone, 1000),
                                    row("loan_zerocopy", HeaderBy::kNone, 700), copy_only(200)})});
  EXPECT_THAT(text, HasSubstr("**nic, MTU 1500: ns a send**\n\n"
                              "| bytes a send | loan_send | loan_zerocopy | copy_only |\n"
                              "|---:|---:|---:|---:|\n"
                              "| 1000 | 200 (200–200) | -100 (-100 to -100) | 200 (200–200) |\n"));
  EXPECT_THAT(text, HasSubstr("| bytes a send | loan_send | loan_zerocopy | copy_only | R_max |\n"
                              "|---:|---:|---:|---:|---:|\n"
                              "| 1000 | 8 (8–8) |"));
}

TEST(Loan, the_copy_alone_sends_nothing_and_has_no_throughput) {
  const std::string text =
      markdown_of({loan_case(1000, {row("loan_send", HeaderBy::kNone, 1000), copy_only(200)})});
  EXPECT_THAT(text, HasSubstr("**nic, MTU 1500: Gbit/s**\n\n| bytes a send | loan_send |\n"));
}

TEST(Loan, errors_are_shown_of_those_that_had_any) {
  Row send = row("loan_send", HeaderBy::kNone, 1000);
  for (Sample& sample : send.samples)
    sample.send_errors = 500;
  const std::string text =
      markdown_of({loan_case(1000, {send, copy_only(200)}, 1500),
                   loan_case(1000, {row("loan_send", HeaderBy::kNone, 1000)}, 9000)});
  EXPECT_THAT(text, HasSubstr("**nic, MTU 1500: errors a packet**\n\n"
                              "| bytes a send | loan_send |\n|---:|---:|\n"
                              "| 1000 | 0.5 (0.5–0.5) |\n"));
  EXPECT_THAT(text, Not(HasSubstr("MTU 9000: errors")));
}

TEST(Loan, a_panel_for_each_mtu_and_sizes_in_order) {
  const auto with = [](const char* method, unsigned bytes, unsigned mtu) {
    return loan_case(bytes, {row(method, HeaderBy::kNone, 1000)}, mtu);
  };
  // The first curve lacks a size that the second one has.
  const std::string text =
      markdown_of({with("loan_send", 4096, 9000), with("loan_send", 64, 9000),
                   with("loan_zerocopy", 1024, 9000), with("loan_send", 64, 1500)});
  EXPECT_THAT(text, HasSubstr("**nic, MTU 1500: Gbit/s**"));
  const size_t jumbo = text.find("**nic, MTU 9000: Gbit/s**");
  ASSERT_NE(jumbo, std::string::npos);
  EXPECT_LT(text.find("| 64 |", jumbo), text.find("| 1024 |", jumbo));
  EXPECT_LT(text.find("| 1024 |", jumbo), text.find("| 4096 |", jumbo));
}

// Each round has its own speed, twice as fast from one to the next: only the ratio is the same.
TEST(Loan, the_gain_is_taken_round_by_round) {
  Row send = row("loan_send", HeaderBy::kNone, 1000),
      loan = row("loan_zerocopy", HeaderBy::kNone, 900);
  for (size_t i = 0; i < send.samples.size(); i++) {
    send.samples[i].wall_ns = int64_t{3000} << i;
    loan.samples[i].wall_ns = int64_t{2000} << i;
  }
  EXPECT_THAT(markdown_of({loan_case(8192, {send, loan})}),
              HasSubstr("| nic | 1500 | 1.50 (1.50–1.50) | 0.90 (0.90–0.90) |"));
}

TEST(Loan, a_note_says_whose_cpu_time_it_is_where_it_is_cpu_time) {
  const std::string text =
      markdown_of({loan_case(1000, {row("loan_send", HeaderBy::kNone, 1000)})});
  const size_t rate = text.find("Figures 1 and 2"), sustained = text.find("Figures 4 and 5");
  EXPECT_THAT(text.substr(rate, sustained - rate),
              HasSubstr("- nic, MTU 1500: CPU time of the machine\n"));
  EXPECT_THAT(text.substr(sustained), Not(HasSubstr("CPU time of the machine")));
}

}  // namespace
}  // namespace zc::bench
