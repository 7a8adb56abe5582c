// SPDX-License-Identifier: GPL-2.0-only
#include "bpffs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace zc::kern {
namespace {

constexpr const char* kMountPoint = "/sys/fs/bpf";
bool is_bpffs(const std::string& path) {
  struct statfs info {};
  return statfs(path.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

// The process's parent; 0 for process 1 and where it cannot be told.
pid_t parent_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:")) return static_cast<pid_t>(std::atol(line.c_str() + 5));
  }
  return 0;
}

// Which mount namespace a process is in; empty where we may not know.
std::string mount_namespace(pid_t pid) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/mnt", ignored);
}

struct Ancestors {
  std::string bpffs;             // mounted in the nearest other mount namespace that has one
  bool other_namespace = false;  // some ancestor lives in a mount namespace that is not ours
};

// `ip netns exec` gives its command a mount namespace with a fresh /sys, which hides the bpffs. The
// processes that led to us still see it.
Ancestors look_at_ancestors() {
  Ancestors found;
  const std::string ours = mount_namespace(getpid());
  for (pid_t pid = parent_of(getpid()); pid > 0 && found.bpffs.empty(); pid = parent_of(pid)) {
    const std::string theirs = mount_namespace(pid);
    if (theirs.empty() || theirs == ours) continue;
    found.other_namespace = true;
    const std::string path = "/proc/" + std::to_string(pid) + "/root" + kMountPoint;
    if (is_bpffs(path)) found.bpffs = path;
  }
  return found;
}

// Tries for half a second, so that nobody is told about a wait that is over already.
bool lock_soon(int fd, int operation) {
  for (int tries = 0; tries < 50; tries++) {
    if (flock(fd, operation | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
  }
  return false;
}

}  // namespace

Result<std::string> bpffs_root(Mount mount_rule) {
  if (is_bpffs(kMountPoint)) return std::string(kMountPoint);
  const Ancestors ancestors = look_at_ancestors();
  if (!ancestors.bpffs.empty() || mount_rule == Mount::kNever) return ancestors.bpffs;
  if (ancestors.other_namespace) {
    // A mount made here would vanish with this mount namespace, and the rules with it.
    return failed_error(
        "no bpffs is mounted at /sys/fs/bpf outside of this namespace",
        "use `zcctl -n NETNS` instead of `ip netns exec NETNS zcctl`, or mount it there "
        "first: mount -t bpf bpf /sys/fs/bpf");
  }
  // Two at once must not mount two: what the first one pins, the second one's mount would hide.
  const Fd guard = ZC_TRY(lock_bpffs(kMountPoint, Lock::kExclusive));
  if (is_bpffs(kMountPoint)) return std::string(kMountPoint);
  if (mount("bpf", kMountPoint, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
    return system_error(errno, "cannot mount a bpffs at /sys/fs/bpf");
  return std::string(kMountPoint);
}

Result<Fd> lock_bpffs(const std::string& root, Lock lock) {
  Fd fd(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error(errno, root);
  const int operation = lock == Lock::kExclusive ? LOCK_EX : LOCK_SH;
  if (lock_soon(fd.get(), operation)) return fd;
  std::fputs("zcctl: waiting for another zcctl to finish\n", stderr);
  while (flock(fd.get(), operation) != 0) {
    if (errno != EINTR) return system_error(errno, "cannot lock " + root);
  }
  return fd;
}

}  // namespace zc::kern
