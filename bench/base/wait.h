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

// Until `count`, which grows, has reached `wanted`. False: it stands still below that.
bool wait_for_count(uint64_t wanted, const Patience& patience,
                    const std::function<uint64_t()>& count);

}  // namespace zc::bench
