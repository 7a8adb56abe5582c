// SPDX-License-Identifier: GPL-2.0-only
#include "core/target.h"

#include <string_view>

namespace zc::core {
namespace {

constexpr std::string_view kCgroup = "cgroup:";

}  // namespace

// No device's name has a colon (dev_valid_name, net/core/dev.c).
bool names_target(const std::string& word) {
  return word.starts_with(kCgroup);
}

Result<std::string> parse_cgroup(const std::string& word) {
  const std::string path = word.substr(kCgroup.size());
  if (path.starts_with('/')) return path;
  return usage_error("cgroup:" + path + " is no absolute path",
                     "the whole one, e.g. cgroup:/sys/fs/cgroup/system.slice/nginx.service");
}

}  // namespace zc::core
