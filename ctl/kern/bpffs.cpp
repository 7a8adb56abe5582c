// SPDX-License-Identifier: GPL-2.0-only
#include "bpffs.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "host_view.h"

namespace zc::kern {
namespace {

// Where a mount made here would not be the host's, or what the host has cannot be seen.
std::string apart_text(Apart apart) {
  switch (apart) {
    case Apart::kPidNamespace:
      return "this is a container, or another PID namespace of its own";
    case Apart::kMountNamespace:
      return "this mount namespace is not the host's";
    case Apart::kRoot:
      return "this is a chroot";
    case Apart::kUnknown:
    case Apart::kNot:
      break;
  }
  return "process 1 may not be looked at (CAP_SYS_PTRACE), or /proc is not mounted";
}

constexpr const char* kWayToHost =
    "run it on the host: zcctl -n NETNS, or nsenter --target 1 --mount; or bind the host's "
    "/sys/fs/bpf to the same place here";

// Where others can write, anybody can put pins that are not zcctl's. A sticky folder (the kernel's
// own mode for a bpffs, 1777) keeps them from what is root's.
Status check_folder(const std::string& path, mode_t mode, uid_t owner) {
  const bool theirs = owner != 0 && owner != geteuid();
  const bool open_to_all = (mode & (S_IWGRP | S_IWOTH)) != 0 && (mode & S_ISVTX) == 0;
  if (!theirs && !open_to_all) return ok();
  return failed_error(path +
                          (theirs ? " belongs to user " + std::to_string(owner)
                                  : std::string(" can be written by others")) +
                          ": its pins are not to be trusted",
                      "look what is in it, then make it root's alone (chown, chmod 0700) or remove "
                      "it");
}

// `name`: for people.
Status check_trust(const Bpffs& bpffs, const std::string& name) {
  struct stat info {};
  if (fstat(bpffs.folder.get(), &info) != 0) return system_error(errno, name);
  ZC_TRY(check_folder(name, info.st_mode, info.st_uid));
  const std::string pins = name + "/zcctl";
  if (fstatat(bpffs.folder.get(), "zcctl", &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT || errno == EACCES ? ok() : system_error(errno, pins);
  if (!S_ISDIR(info.st_mode))
    return failed_error(pins + " is no folder: its pins are not to be trusted", "remove it");
  // No sticky bit helps here: who may make a folder may make that of a device.
  return check_folder(pins, info.st_mode & ~static_cast<mode_t>(S_ISVTX), info.st_uid);
}

Status check_writable(const Bpffs& bpffs, const std::string& name) {
  struct statvfs info {};
  if (fstatvfs(bpffs.folder.get(), &info) != 0) return system_error(errno, name);
  if ((info.f_flag & ST_RDONLY) == 0) return ok();
  return read_only(name);
}

// A process may end, and its number go to another one with another root, before the name is used.
Result<Bpffs> open_folder(const std::string& name) {
  Bpffs bpffs{Fd(open(name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), name};
  if (!bpffs.folder) return system_error(errno, name);
  if (name != kMountPoint) bpffs.path = "/proc/self/fd/" + std::to_string(bpffs.folder.get());
  if (is_bpffs(bpffs.path)) return bpffs;
  return failed_error(name + " is no bpffs any more", "try again");
}

// The mount point, or that of a process outside; empty where neither shows a bpffs.
Result<std::string> find_bpffs(Mount mount_rule) {
  if (is_bpffs(kMountPoint)) return std::string(kMountPoint);
  const HostView view = look_at_host();
  if (!view.bpffs.empty()) return view.bpffs;
  if (mount_rule == Mount::kNever && !view.whole)
    return not_permitted_error(
        "the host's bpffs, and the rules in it, cannot be seen: " + apart_text(view.apart),
        kWayToHost);
  if (mount_rule == Mount::kIfMissing && view.apart != Apart::kNot)
    return unsupported_error(
        "no bpffs is mounted at /sys/fs/bpf, and one that is mounted here may "
        "vanish with the rules: " +
            apart_text(view.apart),
        kWayToHost);
  return std::string();
}

Status mount_bpffs() {
  // Two at once must not mount two: what the first one pins, the second one's mount would hide.
  const Fd guard = ZC_TRY(lock_bpffs(kMountPoint, Lock::kExclusive));
  if (is_bpffs(kMountPoint)) return ok();
  if (mount("bpf", kMountPoint, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") != 0)
    return system_error(errno, "cannot mount a bpffs at /sys/fs/bpf");
  return ok();
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

Result<Bpffs> open_bpffs(Mount mount_rule) {
  std::string name = ZC_TRY(find_bpffs(mount_rule));
  if (name.empty() && mount_rule == Mount::kIfMissing) {
    ZC_TRY(mount_bpffs());
    name = kMountPoint;
  }
  if (name.empty()) return Bpffs();
  Bpffs bpffs = ZC_TRY(open_folder(name));
  if (mount_rule == Mount::kIfMissing) ZC_TRY(check_writable(bpffs, name));
  ZC_TRY(check_trust(bpffs, name));
  return bpffs;
}

Error read_only(const std::string& root) {
  return failed_error("the bpffs at " + root + " is mounted read-only",
                      "mount -o remount,rw " + root);
}

Result<Fd> try_lock_bpffs(const std::string& root) {
  Fd fd(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return system_error(errno, root);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno == EWOULDBLOCK) return Fd();
  return system_error(errno, "cannot lock " + root);
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
