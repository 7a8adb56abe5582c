// SPDX-License-Identifier: GPL-2.0-only
// Which run of a case a report takes.
#include "report/collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "samples.h"

namespace zc::bench {
namespace {

using testing::ElementsAre;

constexpr const char* kOld = "2026-01-01T00:00:00Z";
constexpr const char* kNew = "2026-02-01T00:00:00Z";

Case with_rounds(unsigned rounds) {
  return a_case({row("read_writev", HeaderBy::kApplication, 1000, rounds),
                 row("krtpsendfile", HeaderBy::kZcctl, 250, rounds)});
}

std::string chosen(const Case& older, const Case& newer) {
  return collect({results({older}, kOld), results({newer}, kNew)}).cases.at(0).run->date;
}

TEST(Collect, of_two_alike_the_newer_one) {
  EXPECT_EQ(chosen(with_rounds(10), with_rounds(10)), kNew);
}

TEST(Collect, one_round_does_not_replace_ten) {
  EXPECT_EQ(chosen(with_rounds(10), with_rounds(1)), kOld);
  EXPECT_EQ(chosen(with_rounds(10), with_rounds(7)), kOld);
  EXPECT_EQ(chosen(with_rounds(1), with_rounds(10)), kNew);
}

TEST(Collect, one_method_does_not_replace_them_all_even_with_more_rounds) {
  const Case alone = a_case({row("read_writev", HeaderBy::kApplication, 1000, 20)});
  EXPECT_EQ(chosen(with_rounds(10), alone), kOld);
}

// A report would otherwise go on showing what no longer holds.
TEST(Collect, a_row_that_became_void_replaces_a_valid_one) {
  const Case broken = a_case({row("read_writev", HeaderBy::kApplication, 1000, 10),
                              without_figure("krtpsendfile", RowState::kVoid, "a byte is wrong")});
  EXPECT_EQ(chosen(with_rounds(10), broken), kNew);
}

// A pipe would be waited for; a folder has no text.
TEST(Collect, only_regular_files_are_read) {
  const std::string folder = testing::TempDir() + "/zc_collect." + std::to_string(getpid());
  std::filesystem::create_directories(folder + "/a.json");
  ASSERT_EQ(mkfifo((folder + "/b.json").c_str(), 0600), 0);
  EXPECT_FALSE(read_folder(folder));
  std::ofstream(folder + "/c.json") << to_json(results({with_rounds(10)}));
  const auto read = read_folder(folder);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cases.size(), 1U);
  EXPECT_TRUE(read->left_out.empty());
}

TEST(Collect, says_why_a_run_was_left_out) {
  const Collection collection =
      collect({results({with_rounds(10)}, kOld), results({with_rounds(1)}, kNew)});
  EXPECT_THAT(collection.left_out,
              ElementsAre("streaming, nic, 1388 bytes, MTU 1500 of 2026-02-01T00:00:00Z: measured "
                          "in enough rounds for intervals"));
}

// An older zcctl stored other intervals.
TEST(Collect, figures_are_made_anew_from_the_samples) {
  Case stale = with_rounds(10);
  stale.rows[1].ratio = {0.25, 0.2, 9, 10};
  const Collection collection = collect({results({stale})});
  EXPECT_NEAR(collection.cases.at(0).c->rows[1].ratio.high, 0.25, 0.001);
}

TEST(Collect, the_same_size_with_another_mtu_is_another_case) {
  Case jumbo = with_rounds(10);
  jumbo.mtu = 9000;
  const Collection collection = collect({results({with_rounds(10), jumbo})});
  ASSERT_EQ(collection.cases.size(), 2U);
  EXPECT_EQ(name_of(*collection.cases[0].c), "streaming, nic, 1388 bytes, MTU 1500");
  EXPECT_EQ(name_of(*collection.cases[1].c), "streaming, nic, 1388 bytes, MTU 9000");
}

TEST(OriginOf, names_every_host_and_revision_with_its_dates) {
  Results third = results({with_rounds(10)}, "2026-03-01T00:00:00Z");
  third.cases[0].environment = "nic-uso";
  third.host.kernel = "6.18.0 x86_64";
  third.revision = "4567def";
  Results second = results({with_rounds(10)}, kNew);
  second.cases[0].environment = "veth";
  EXPECT_EQ(origin_of(collect({results({with_rounds(10)}, kOld), second, third})),
            "Linux 6.1.0 x86_64 on 2 × A CPU, revision 0123abc, 2026-01-01T00:00:00Z to "
            "2026-02-01T00:00:00Z; Linux 6.18.0 x86_64 on 2 × A CPU, revision 4567def, "
            "2026-03-01T00:00:00Z");
}

}  // namespace
}  // namespace zc::bench
