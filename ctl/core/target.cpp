// SPDX-License-Identifier: GPL-2.0-only
#include "core/target.h"

#include <string_view>

#include "base/number.h"

namespace zc::core {
namespace {

constexpr std::string_view kCgroup = "cgroup:", kProcess = "pid:", kSockets = "sockets:";

}  // namespace

// No device's name has a colon (dev_valid_name, net/core/dev.c).
bool names_target(const std::string& word) {
  return word.starts_with(kCgroup) || names_process(word) || names_sockets(word);
}

bool names_process(const std::string& word) {
  return word.starts_with(kProcess);
}

bool names_sockets(const std::string& word) {
  return word.starts_with(kSockets);
}

Result<ProcessName> parse_process(const std::string& word) {
  constexpr uint64_t kMax = INT32_MAX;
  const std::string text = word.substr(kProcess.size());
  const size_t colon = text.find(':');
  ProcessName process;
  process.pid =
      static_cast<uint32_t>(ZC_TRY(parse_number(text.substr(0, colon), 1, kMax, "pid:PID")));
  if (colon != std::string::npos)
    process.fd =
        static_cast<uint32_t>(ZC_TRY(parse_number(text.substr(colon + 1), 0, kMax, "pid:PID:FD")));
  return process;
}

Result<uint64_t> parse_sockets(const std::string& word) {
  return parse_number(word.substr(kSockets.size()), 1, UINT64_MAX, "sockets:COOKIE");
}

Result<std::string> parse_cgroup(const std::string& word) {
  const std::string path = word.substr(kCgroup.size());
  if (path.starts_with('/')) return path;
  return usage_error("cgroup:" + path + " is no absolute path",
                     "the whole one, e.g. cgroup:/sys/fs/cgroup/system.slice/nginx.service");
}

}  // namespace zc::core
