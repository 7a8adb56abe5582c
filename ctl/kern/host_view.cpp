// SPDX-License-Identifier: GPL-2.0-only
#include "host_view.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace zc::kern {
namespace {

// Of the first PID namespace (PROC_PID_INIT_INO, include/linux/proc_ns.h): a process elsewhere has
// another process 1 than the host, and may be gone tomorrow with all its mounts.
constexpr const char* kFirstPidNamespace = "pid:[4026531836]";

std::string proc_path(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

// "mnt:[4026531832]"; empty where we may not know.
std::string namespace_of(pid_t pid, const char* kind) {
  std::array<char, 64> name{};
  const std::string path = proc_path(pid, "ns/") + kind;
  const ssize_t length = readlinkat(AT_FDCWD, path.c_str(), name.data(), name.size());
  return length > 0 ? std::string(name.data(), static_cast<size_t>(length)) : std::string();
}

// The process's parent; 0 for process 1 and where it cannot be told.
pid_t parent_of(pid_t pid) {
  std::ifstream status(proc_path(pid, "status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:")) return static_cast<pid_t>(std::atol(line.c_str() + 5));
  }
  return 0;
}

// Where a process's paths begin: a mount namespace, and a folder in it.
struct Place {
  std::string mounts;
  dev_t device = 0;
  ino_t folder = 0;

  bool operator==(const Place&) const = default;
};

std::optional<Place> place_of(pid_t pid) {
  struct stat root {};
  const std::string mounts = namespace_of(pid, "mnt");
  if (mounts.empty() || stat(proc_path(pid, "root/").c_str(), &root) != 0) return std::nullopt;
  return Place{mounts, root.st_dev, root.st_ino};
}

Apart tell_apart(const std::optional<Place>& ours, const std::optional<Place>& first) {
  const std::string pids = namespace_of(getpid(), "pid");
  if (!pids.empty() && pids != kFirstPidNamespace) return Apart::kPidNamespace;
  if (pids.empty() || !ours || !first) return Apart::kUnknown;
  if (ours->mounts != first->mounts) return Apart::kMountNamespace;
  return *ours == *first ? Apart::kNot : Apart::kRoot;
}

}  // namespace

bool is_bpffs(const std::string& path) {
  struct statfs info {};
  return statfs(path.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

HostView look_at_host() {
  HostView view;
  const std::optional<Place> ours = place_of(getpid()), first = place_of(1);
  view.apart = tell_apart(ours, first);
  view.whole = first && view.apart != Apart::kUnknown && view.apart != Apart::kPidNamespace;
  for (pid_t pid = parent_of(getpid()); pid > 0 && view.bpffs.empty(); pid = parent_of(pid)) {
    const std::optional<Place> theirs = place_of(pid);
    if (!theirs || theirs == ours) continue;
    const std::string path = proc_path(pid, "root") + kMountPoint;
    if (is_bpffs(path)) view.bpffs = path;
  }
  return view;
}

}  // namespace zc::kern
