// SPDX-License-Identifier: GPL-2.0-only
// The words on the soak's command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace zc::test {

struct SoakOptions {
  std::chrono::seconds time{120};
  uint64_t frames = 0;  // go on until so many were judged
  uint64_t churn = 0;   // go on until a rule has come and gone so often
  unsigned streams = 400;
  unsigned threads = 2;
};

// Nothing, and usage on stderr, where they cannot be read.
std::optional<SoakOptions> parse_options(int argc, char** argv);

}  // namespace zc::test
