// SPDX-License-Identifier: GPL-2.0-only
// What the program at a socket makes of whatever an application and the kernel do: 10^6 of its
// runs, each stream judged by a parser of its own. ZC_FRAMING_SEED=N repeats one.
#include <gtest/gtest.h>

#include <cstdlib>

#include "scenario.h"

namespace zc::test {
namespace {

constexpr uint64_t kRuns = 1000000;

// Often, or hardly ever, or never: so that also long calls come to their ends.
unsigned one_of(Random& random) {
  return chance(random, 4) ? 0 : static_cast<unsigned>(between(random, 2, 4U << random() % 10));
}

Conditions setup_of(Random& random) {
  static const std::vector<uint32_t> sizes = {64, 188, 1316, 1388, 8192, 60000};
  static const std::vector<uint32_t> pages = {256, 1024, 4096, 32768};
  Conditions setup;
  setup.bytes = chance(random, 2) ? sizes[random() % sizes.size()]
                                  : static_cast<uint32_t>(between(random, 1, 1U << random() % 16));
  setup.interleaved = chance(random, 2);
  setup.never = chance(random, 4);
  setup.hidden = static_cast<unsigned>(random() % 4);
  setup.before = static_cast<Before>(random() % 3);
  setup.trouble.page = pages[random() % pages.size()];
  setup.trouble.cut = one_of(random);
  setup.trouble.wait = one_of(random);
  setup.trouble.between = one_of(random);
  setup.trouble.empty_queue = chance(random, 3) ? 50 : 0;
  setup.trouble.max_window =
      chance(random, 2) ? 1U << 20 : static_cast<uint32_t>(between(random, 100, 70000));
  // Long calls of many messages, of which the first bytes are cut.
  if (chance(random, 6)) {
    setup.bytes = static_cast<uint32_t>(between(random, 8, 300));
    setup.trouble.page = 256;
    setup.trouble.cut = 0;
    setup.trouble.cut_first = 3;
  }
  return setup;
}

TEST(FramingTest, EveryStreamIsWellFormedWhateverTheKernelTakes) {
  const char* one = std::getenv("ZC_FRAMING_SEED");
  uint64_t runs = 0, cuts = 0, frames = 0, unclear = 0, untold = 0, messages = 0;
  uint64_t seed = one ? std::strtoull(one, nullptr, 10) : 1;
  for (; runs < kRuns; ++seed) {
    Random random(seed);
    const Conditions setup = setup_of(random);
    Scenario scenario(setup, seed);
    ASSERT_EQ(scenario.run(), "") << "ZC_FRAMING_SEED=" << seed;
    runs += scenario.runs();
    cuts += scenario.cuts();
    frames += scenario.frames();
    unclear += scenario.unclear();
    untold += setup.trouble.empty_queue ? 0 : scenario.untold();
    messages += scenario.messages();
    if (one) break;
  }
  std::printf(
      "%lu streams, %lu frames, %lu runs, %lu cuts, %lu messages, untold %lu, unclear %lu\n",
      seed - 1, frames, runs, cuts, messages, untold, unclear);
  if (one) return;
  EXPECT_GT(cuts, kRuns / 100);
  EXPECT_LT(untold, messages / 100);
  EXPECT_LT(unclear, seed / 50);
}

}  // namespace
}  // namespace zc::test
