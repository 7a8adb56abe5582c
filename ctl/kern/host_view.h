// SPDX-License-Identifier: GPL-2.0-only
// What this process can see of the host's bpffs, where its own mounts show none.
#pragma once

#include <string>

namespace zc::kern {

constexpr const char* kMountPoint = "/sys/fs/bpf";

bool is_bpffs(const std::string& path);

// Why a process does not live among the host's mounts; or it does.
enum class Apart { kNot, kUnknown, kPidNamespace, kMountNamespace, kRoot };

struct HostView {
  // That of the nearest process on the way to process 1 that lives among other mounts than we do:
  // `ip netns exec` mounts a fresh /sys, which hides the bpffs. Empty: none has one.
  std::string bpffs;
  Apart apart = Apart::kUnknown;
  bool whole = false;  // the host's process 1 was looked at: where it has no bpffs, there is none
};
HostView look_at_host();

}  // namespace zc::kern
