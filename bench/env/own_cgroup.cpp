// SPDX-License-Identifier: GPL-2.0-only
#include "own_cgroup.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace zc::bench {
namespace {

constexpr const char* kRoot = "/sys/fs/cgroup";
constexpr const char* kName = "zcctl-bench-";

Status mount_cgroups() {
  struct statfs status {};
  if (statfs(kRoot, &status) == 0 && status.f_type == CGROUP2_SUPER_MAGIC) return ok();
  if (mount("none", kRoot, "cgroup2", 0, nullptr) == 0) return ok();
  return unsupported_error(fmt::format("cgroups of version 2 cannot be mounted: {}",
                                       std::error_code(errno, std::generic_category()).message()));
}

// A cgroup with somebody in it stays.
void remove_leftovers() {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot, ignored)) {
    if (entry.path().filename().string().starts_with(kName)) rmdir(entry.path().c_str());
  }
}

// "0::/user.slice" of /proc/self/cgroup, as a folder.
std::string current_cgroup() {
  constexpr std::string_view kVersion2 = "0::";
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kVersion2)) return kRoot + line.substr(kVersion2.size());
  }
  return kRoot;
}

bool move_to(const std::string& cgroup) {
  return static_cast<bool>(std::ofstream(cgroup + "/cgroup.procs") << getpid() << std::flush);
}

}  // namespace

Result<std::unique_ptr<OwnCgroup>> OwnCgroup::enter() {
  ZC_TRY(mount_cgroups());
  remove_leftovers();
  std::string path = fmt::format("{}/{}{}", kRoot, kName, getpid());
  if (mkdir(path.c_str(), 0700) != 0) return system_error(errno, "cannot make " + path);
  std::unique_ptr<OwnCgroup> entered(new OwnCgroup(std::move(path), current_cgroup()));
  if (!move_to(entered->path())) return failed_error("cannot enter " + entered->path());
  return entered;
}

OwnCgroup::~OwnCgroup() {
  (void)move_to(before_);
  rmdir(path_.c_str());
}

}  // namespace zc::bench
