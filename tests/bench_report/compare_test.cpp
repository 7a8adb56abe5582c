#include "bench/report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/measure/profile.h"
#include "bench/report/html.h"
#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;

Collection one_case(int64_t ns, unsigned bytes = 1388) {
  return collect({results({a_case({row("read_writev", "application", ns)}, bytes)})});
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
  EXPECT_EQ(compared.error().code, ExitCode::kFailed);
  EXPECT_EQ(compared.error().message,
            "cannot compare: only the first has streaming, nic, 512 bytes, MTU 1500");
}

TEST(Compare, a_row_that_one_host_cannot_measure_says_why) {
  const Collection other =
      collect({results({a_case({row("read_writev", "application", 1000),
                                without_figure("krtpsendfile", "unavailable", "no tcx")})})});
  const auto compared = compare(collect({results({a_case({row("read_writev", "application", 1000),
                                                          row("krtpsendfile", "zcctl", 300)})})}),
                                other);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->rows[1].why, "second: unavailable, no tcx");
  EXPECT_EQ(compared->rows[1].ratio.rounds, 0U);
}

TEST(Compare, process_time_of_both_where_one_has_no_machine_time) {
  Case by_process = a_case({row("read_writev", "application", 1000)});
  by_process.metric = "process";
  const auto compared = compare(one_case(1000), collect({results({by_process})}));
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->metric, "process");
}

TEST(Compare, json_has_a_schema_and_null_for_what_is_not_there) {
  const Collection broken =
      collect({results({a_case({without_figure("read_writev", "void", "lost")})})});
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

TEST(Profile, the_first_five_kernel_functions_are_kept) {
  const auto spots = read_hotspots(
      " 30.10% |[kernel.kallsyms]   |[k] copy_from_user \n"
      " 20.00% |libc.so.6           |[.] memcpy\n"
      "  9.50% |bpf_prog_0af        |[k] bpf_prog_0af\n"
      "WARNING: something\n"
      "  3% |[ifb]|[k] a\n  2% |[ifb]|[k] b\n  1% |[ifb]|[k] c\n  1% |[ifb]|[k] d\n");
  ASSERT_EQ(spots.size(), 5U);
  EXPECT_DOUBLE_EQ(spots[0].percent, 30.1);
  EXPECT_EQ(spots[0].image, "[kernel.kallsyms]");
  EXPECT_EQ(spots[0].symbol, "copy_from_user");
  EXPECT_EQ(spots[4].symbol, "c");
}

}  // namespace
}  // namespace zc::bench
