// SPDX-License-Identifier: GPL-2.0-only
#include "os/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace zc::bench {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// proc(5): "MemAvailable:   23456789 kB".
uint64_t mem_available(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string name, unit;
  for (uint64_t kilobytes = 0; file >> name >> kilobytes; std::getline(file, unit)) {
    if (name == "MemAvailable:") return kilobytes << 10;
  }
  return kNoLimit;
}

// A number, or "max"; the root of all has none.
uint64_t limit_in(const fs::path& file_name) {
  std::ifstream file(file_name);
  uint64_t bytes = 0;
  return file >> bytes ? bytes : kNoLimit;
}

// The limit of each that it is in holds: `own` is "user.slice/session-1.scope" below `all`.
uint64_t limit_of(const fs::path& all, fs::path own, const char* file_name) {
  uint64_t limit = limit_in(all / file_name);
  for (; !own.empty(); own = own.parent_path())
    limit = std::min(limit, limit_in(all / own / file_name));
  return limit;
}

// cgroups(7): "0::/user.slice"; before version 2 "4:memory:/user.slice".
uint64_t cgroup_limit(const fs::path& root) {
  const fs::path all = root / "sys/fs/cgroup";
  std::ifstream file(root / "proc/self/cgroup");
  uint64_t limit = kNoLimit;
  for (std::string line; std::getline(file, line);) {
    const fs::path own = line.substr(std::min(line.size(), line.find(":/") + 2));
    if (line.starts_with("0::/")) limit = std::min(limit, limit_of(all, own, "memory.max"));
    if (line.find(":memory:/") != std::string::npos)
      limit = std::min(limit, limit_of(all / "memory", own, "memory.limit_in_bytes"));
  }
  return limit;
}

// "107520K"
uint64_t cache_bytes(const fs::path& size) {
  std::ifstream file(size);
  uint64_t kilobytes = 0;
  file >> kilobytes;
  return kilobytes << 10;
}

}  // namespace

uint64_t available_memory(const fs::path& root) {
  return std::min(mem_available(root), cgroup_limit(root));
}

uint64_t last_level_cache(const fs::path& root) {
  uint64_t largest = 0;
  std::error_code none;
  for (const auto& cache : fs::directory_iterator(root / "sys/devices/system/cpu/cpu0/cache", none))
    largest = std::max(largest, cache_bytes(cache.path() / "size"));
  return largest;
}

}  // namespace zc::bench
