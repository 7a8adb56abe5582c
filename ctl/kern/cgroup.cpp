// SPDX-License-Identifier: GPL-2.0-only
#include "cgroup.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

namespace zc::kern {
namespace {

constexpr const char* kHint =
    "a folder below the mount of cgroup2, usually /sys/fs/cgroup: `systemctl show -p ControlGroup "
    "UNIT` and /proc/PID/cgroup name those of a service and of a process";

bool is_cgroup2(const std::string& path) {
  struct statfs info {};
  return statfs(path.c_str(), &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

// A mount of cgroup2, of whatever part of the tree; empty: there is none.
std::string cgroup2_mount() {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, target;
    fields >> id >> parent >> device >> root >> target;
    if (line.find(" - cgroup2 ") != std::string::npos) return target;
  }
  return "";
}

// By its id, which is the inode: also where this process's mounts do not show it.
bool is_removed(uint64_t id) {
  constexpr int kKernfsHandle = 0xfe;  // FILEID_KERNFS, include/linux/exportfs.h
  const std::string mount = cgroup2_mount();
  const Fd root(open(mount.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return false;
  alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof(id)> bytes{};
  auto* handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof(id);
  handle->handle_type = kKernfsHandle;
  std::memcpy(bytes.data() + sizeof(file_handle), &id, sizeof(id));
  const Fd found(open_by_handle_at(root.get(), handle, O_PATH | O_CLOEXEC));
  return !found && errno == ESTALE;
}

}  // namespace

Result<api::Target> find_cgroup(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> real(realpath(path.c_str(), nullptr), free);
  if (!real && (errno == ENOENT || errno == ENOTDIR))
    return not_found_error("there is no cgroup " + path, kHint);
  if (!real) return system_error(errno, path);
  struct stat info {};
  if (stat(real.get(), &info) != 0) return system_error(errno, path);
  if (!S_ISDIR(info.st_mode) || !is_cgroup2(real.get()))
    return usage_error(path + " is no cgroup of version 2", kHint);
  api::Target target{ZC_TARGET_CGROUP, info.st_ino, real.get()};
  if (target.path.size() >= sizeof(zc_target::path))
    return usage_error(path + ": the path is too long");
  return target;
}

bool cgroup_lives(const api::Target& target) {
  struct stat info {};
  if (stat(target.path.c_str(), &info) == 0 && info.st_ino == target.id) return true;
  return !is_removed(target.id);
}

Result<Fd> attach_sockops(int program_fd, const api::Target& target) {
  const Fd cgroup(open(target.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup) return system_error(errno, target.path);
  Fd link(bpf_link_create(program_fd, cgroup.get(), BPF_CGROUP_SOCK_OPS, nullptr));
  if (link) return link;
  if (errno != EPERM) return system_error(errno, "cannot attach to " + target.name());
  // Who may load it may attach it, but for one that wants to be alone (kernel/bpf/cgroup.c).
  return failed_error(
      "cannot attach to " + target.name() +
          ": a program there, or above it, was attached so that no other may come (sockops)",
      "bpftool cgroup tree " + target.path +
          " names it; its owner can attach it with "
          "BPF_F_ALLOW_MULTI");
}

Status detach_cgroup_link(int link_fd) {
  if (bpf_link_detach(link_fd) == 0 || errno == ENOLINK) return ok();
  return system_error(errno, "cannot detach from the cgroup");
}

Result<uint64_t> cgroup_of_link(int link_fd) {
  bpf_link_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link_fd, &info, &size) != 0)
    return system_error(errno, "cannot read the cgroup's link");
  return info.cgroup.cgroup_id;
}

}  // namespace zc::kern
