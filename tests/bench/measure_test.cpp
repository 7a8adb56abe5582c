// SPDX-License-Identifier: GPL-2.0-only
// What is decided about a run: where a look begins, whose clock counts, what is profiled, how large
// the files are, and what the line on the terminal shows.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "methods/methods.h"
#include "os/memory.h"
#include "profile.h"
#include "progress.h"
#include "rounds.h"

namespace zc::bench {
namespace {

namespace fs = std::filesystem;

TEST(ForALook, ItComesPastTheFilesEndAndTheLastSequenceNumber) {
  for (const uint64_t in_file : {1U, 64U, 250U, 251U, 469U, 3000U, 800000U}) {
    const Stream look = for_a_look({.file_bytes = in_file * 100 + 99, .payload_bytes = 100});
    EXPECT_LT(look.first_packet, in_file) << in_file;
    EXPECT_GT(look.first_packet + kInspectedPackets, in_file) << in_file;
    ASSERT_TRUE(look.first_seq.has_value());
    EXPECT_GT(*look.first_seq + kInspectedPackets, 65536U);
  }
}

TEST(ChooseMetric, TheMachinesClockNeedsLongRunsAndAnIdleMachine) {
  EXPECT_EQ(choose_metric(2, 0.01).metric, Metric::kMachine);
  EXPECT_EQ(choose_metric(2, 0.01).why, "");
  EXPECT_EQ(choose_metric(2, 0.2).metric, Metric::kProcess);
  EXPECT_NE(choose_metric(2, 0.2).why.find("0.20 CPUs"), std::string::npos);
  EXPECT_EQ(choose_metric(0, 0).metric, Metric::kProcess);
  EXPECT_NE(choose_metric(0, 0).why, "");
}

TEST(UnavailableCase, EveryRowSaysWhy) {
  CasePlan plan;
  plan.suite = "loan";
  plan.environment = find_environment(kNic1g);
  plan.baseline = &loan_send;
  plan.methods = {&loan_send, &copy_only};
  const Case c = unavailable_case(plan, "no tbf");
  EXPECT_EQ(c.environment, "nic-1g");
  ASSERT_EQ(c.rows.size(), 2U);
  for (const Row& row : c.rows)
    EXPECT_EQ(std::string(to_string(row.state)) + ": " + row.why, "unavailable: no tbf");
}

// Cases of one suite and environment, each of two methods.
RunPlan plan_of(const std::vector<unsigned>& sizes) {
  RunPlan plan;
  for (const unsigned bytes : sizes) {
    CasePlan c;
    c.suite = "rivals";
    c.environment = find_environment(kNic);
    c.payload_bytes = bytes;
    c.mtu = bytes < 4096 ? 1500 : 9000;
    c.baseline = &read_writev;
    c.methods = {&read_writev, &gstreamer_rtp};
    plan.cases.push_back(c);
  }
  return plan;
}

std::vector<size_t> profiled(const RunPlan& plan, const Method& method) {
  std::vector<size_t> cases;
  for (size_t i = 0; i < plan.cases.size(); i++) {
    if (wants_profile(plan, i, method)) cases.push_back(i);
  }
  return cases;
}

TEST(WantsProfile, TheLargestSizeThatIsOneFrameOf1500Bytes) {
  EXPECT_EQ(profiled(plan_of({512, 1388, 1316, 2048, 8936}), read_writev), std::vector<size_t>{1});
}

TEST(WantsProfile, AMethodsOwnSizes) {
  EXPECT_EQ(profiled(plan_of({512, 1388, 1316}), gstreamer_rtp), std::vector<size_t>{2});
}

TEST(WantsProfile, WhereNoneIsOneFrameTheFirst) {
  EXPECT_EQ(profiled(plan_of({8936, 8192}), read_writev), std::vector<size_t>{0});
}

TEST(WantsProfile, TheLargeFileBeforeTheHotOne) {
  RunPlan plan = plan_of({1388, 1388});
  plan.cases[0].source = Source::kHot;
  EXPECT_EQ(profiled(plan, read_writev), std::vector<size_t>{1});
}

TEST(WantsProfile, OfEachEnvironmentOne) {
  RunPlan plan = plan_of({1388, 1388});
  plan.cases[1].environment = find_environment(kNicUso);
  EXPECT_EQ(profiled(plan, read_writev), (std::vector<size_t>{0, 1}));
}

// A machine of files.
class Memory : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "zc-memory-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    write("proc/meminfo",
          "MemTotal:  24000000 kB\nMemFree:  1000 kB\nMemAvailable:  8388608 kB\nHugePages: 0\n");
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  fs::path root_;
};

TEST_F(Memory, ThePageCacheCanBeHad) {
  EXPECT_EQ(available_memory(root_), 8ULL << 30);
}

TEST_F(Memory, TheLimitOfACgroupAboveHolds) {
  write("proc/self/cgroup", "0::/box/inner\n");
  write("sys/fs/cgroup/box/inner/memory.max", "max\n");
  write("sys/fs/cgroup/box/memory.max", "2147483648\n");
  EXPECT_EQ(available_memory(root_), 2ULL << 30);
}

TEST_F(Memory, ACgroupOfVersion1Too) {
  write("proc/self/cgroup", "5:cpu:/\n4:memory:/box\n0::/\n");
  write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1073741824\n");
  EXPECT_EQ(available_memory(root_), 1ULL << 30);
}

TEST_F(Memory, ALimitAboveWhatThereIsChangesNothing) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "9223372036854771712\n");
  EXPECT_EQ(available_memory(root_), 8ULL << 30);
}

TEST_F(Memory, TheLastCacheIsTheLargest) {
  EXPECT_EQ(last_level_cache(root_), 0U);
  write("sys/devices/system/cpu/cpu0/cache/index0/size", "48K\n");
  write("sys/devices/system/cpu/cpu0/cache/index3/size", "107520K\n");
  EXPECT_EQ(last_level_cache(root_), 107520ULL << 10);
}

TEST(Fit, TheLineIsNeverLongerThanTheTerminal) {
  EXPECT_EQ(fit("nic 1388 bytes", "1:02 left", 80), "nic 1388 bytes  1:02 left");
  EXPECT_EQ(fit("nic 1388 bytes", "1:02 left", 15), "nic   1:02 left");
  EXPECT_EQ(fit("nic 1388 bytes", "", 3), "nic");
  EXPECT_EQ(fit("nic", "1:02 left", 4), "  1:");
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
