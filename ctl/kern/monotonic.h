// SPDX-License-Identifier: GPL-2.0-only
// The clock that the program stamps streams with (bpf_ktime_get_ns).
#pragma once

#include <time.h>

#include <cstdint>

namespace zc::kern {

// CLOCK_MONOTONIC, in nanoseconds.
inline uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace zc::kern
