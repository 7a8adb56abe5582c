// SPDX-License-Identifier: GPL-2.0-only
#include "os/wait.h"

#include <thread>

namespace zc::bench {

bool wait_for_count(uint64_t wanted, const Patience& patience,
                    const std::function<uint64_t()>& count) {
  using Clock = std::chrono::steady_clock;
  uint64_t seen = count();
  auto deadline = Clock::now() + patience.standing;
  while (seen < wanted) {
    std::this_thread::sleep_for(patience.nap);
    const uint64_t now = count();
    if (now != seen) deadline = Clock::now() + patience.standing;
    if (Clock::now() > deadline) return false;
    seen = now;
  }
  return true;
}

}  // namespace zc::bench
