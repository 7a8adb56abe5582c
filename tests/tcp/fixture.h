// SPDX-License-Identifier: GPL-2.0-only
// The programs at a cgroup of this process, lo, and a cable into another network namespace.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "framer.h"
#include "judge.h"
#include "source_file.h"

namespace zc::test {

struct Path {
  const char *to, *netns;
};
constexpr std::array<Path, 4> kPaths = {{{"127.0.0.1:5004", ""},
                                         {"[::1]:5004", ""},
                                         {"10.9.0.2:5004", "far"},
                                         {"[fd00:9::2]:5004", "far"}}};
constexpr uint64_t kFileBytes = 64 << 20;

// Made once a process. Empty, or what is missing.
std::string make_framer_and_cable();

class TcpTest : public testing::Test {
 protected:
  // Fails where the kernel complained meanwhile, or a connection is left in the tables.
  void TearDown() override;

  static Framer& framer();
  static const SourceFile& file();

  // Numbers and SSRC are others each time.
  static Look look_of(uint32_t bytes, bool interleaved);
  static FramingRule rule_of(const Look& look, zc_frame_end end = ZC_FRAME_END_CALL);
  static void put_rule(const std::string& to, const Look& look,
                       zc_frame_end end = ZC_FRAME_END_CALL);
};

}  // namespace zc::test
