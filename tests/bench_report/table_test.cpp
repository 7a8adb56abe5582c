// SPDX-License-Identifier: GPL-2.0-only
// Results as text, which `zcctl bench run` prints.
#include "report/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.h"

namespace zc::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Table, few_rounds_are_said_to_be_ranges) {
  const Case few = a_case({row("read_writev", HeaderBy::kApplication, 1000, 5)});
  EXPECT_THAT(table(results({few})), HasSubstr("fewer than 6 rounds: ranges, no intervals"));
  EXPECT_THAT(table(results({few})), HasSubstr("ratio  range"));
  EXPECT_THAT(table(results({usual_case()})), Not(HasSubstr("range")));
}

TEST(Table, calls_of_a_program_are_not_none_but_not_counted) {
  Row program = row("ffmpeg_rtp", HeaderBy::kApplication, 9000);
  program.transport = Transport::kProgram;
  for (Sample& sample : program.samples)
    sample.calls.clear();
  const Case c = a_case({row("read_writev", HeaderBy::kApplication, 1000), program});
  EXPECT_EQ(calls_text(c.rows[0]), "1");
  EXPECT_EQ(calls_text(c.rows[1]), "–");
  EXPECT_THAT(table(results({c})), HasSubstr("9.000  9.000–9.000        –"));
}

TEST(Table, brackets_tell_an_interval_from_a_range) {
  EXPECT_EQ(with_interval({0.5, 0.4, 0.6, 6}), "0.50 (0.40–0.60)");
  EXPECT_EQ(with_interval({0.5, 0.4, 0.6, 5}), "0.50 [0.40–0.60]");
  EXPECT_EQ(with_interval({}), "–");
}

TEST(Columns, letters_count_not_bytes) {
  EXPECT_EQ(in_columns({{"––", "b"}, {"aaa", "b"}}), "––   b\naaa  b\n");
}

}  // namespace
}  // namespace zc::bench
