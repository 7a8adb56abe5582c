#include "kern/bpffs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <time.h>

#include <cerrno>
#include <cstdio>

namespace zc::kern {
namespace {

constexpr const char* kMountPoint = "/sys/fs/bpf";
constexpr const char* kMountPointOfInit = "/proc/1/root/sys/fs/bpf";

bool is_bpffs(const char* path) {
  struct statfs info {};
  return statfs(path, &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

bool in_mount_namespace_of_init() {
  char own[64] = {}, init[64] = {};
  return readlink("/proc/self/ns/mnt", own, sizeof(own) - 1) > 0 &&
         readlink("/proc/1/ns/mnt", init, sizeof(init) - 1) > 0 && std::string(own) == init;
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
  if (is_bpffs(kMountPointOfInit)) return std::string(kMountPointOfInit);
  if (mount_rule == Mount::kNever) return std::string();
  if (!in_mount_namespace_of_init()) {
    // A mount made here would vanish with this mount namespace, and the rules with it.
    return Error{ExitCode::kFailed,
                 "no bpffs is mounted at /sys/fs/bpf",
                 "mount it outside of this namespace: mount -t bpf bpf /sys/fs/bpf, and use "
                 "`zcctl -n NETNS` instead of `ip netns exec NETNS zcctl`",
                 {}};
  }
  if (mount("bpf", kMountPoint, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
    return system_error(errno, "cannot mount a bpffs at /sys/fs/bpf");
  return std::string(kMountPoint);
}

Result<Fd> lock_bpffs(const std::string& root, Access access) {
  Fd fd(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error(errno, root);
  const int operation = access == Access::kChange ? LOCK_EX : LOCK_SH;
  if (lock_soon(fd.get(), operation)) return fd;
  std::fputs("zcctl: waiting for another zcctl to finish\n", stderr);
  while (flock(fd.get(), operation) != 0) {
    if (errno != EINTR) return system_error(errno, "cannot lock " + root);
  }
  return fd;
}

}  // namespace zc::kern
