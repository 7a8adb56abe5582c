// SPDX-License-Identifier: GPL-2.0-only
// Waiting for something that is counted elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace zc::bench {

struct Patience {
  std::chrono::microseconds nap;       // between two looks
  std::chrono::milliseconds standing;  // so long the count may stand still
};

// Suits frames behind a queue: a gigabit lets one of 9000 bytes out in 72 µs.
inline constexpr Patience kForFrames{std::chrono::microseconds(200), std::chrono::milliseconds(50)};

// Waits until `count`, which grows, has reached `wanted`. False: it stands still below that.
bool wait_for_count(uint64_t wanted, const Patience& patience,
                    const std::function<uint64_t()>& count);

}  // namespace zc::bench
