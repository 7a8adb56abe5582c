// SPDX-License-Identifier: GPL-2.0-only
// How much memory may be taken, and how large the caches are.
#pragma once

#include <cstdint>
#include <filesystem>

namespace zc::bench {

// Bytes that can be had without swapping: MemAvailable, which has the page cache in it, or the
// limit of a cgroup that this process is in, where that is less. `root` is another in tests. To be
// asked before /sys is mounted anew, which hides the cgroups.
uint64_t available_memory(const std::filesystem::path& root = "/");

// The largest cache of CPU 0; 0: not known.
uint64_t last_level_cache(const std::filesystem::path& root = "/");

}  // namespace zc::bench
