// SPDX-License-Identifier: GPL-2.0-only
#include "namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "os/tool.h"

namespace zc::bench {
namespace {

constexpr int kCompletionBytes = 1 << 20;

Result<Fd> open_namespace(const char* path) {
  Fd fd(open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error(errno, path);
  return fd;
}

Status mount_fresh(const char* type, const char* where, const char* options) {
  if (mount(type, where, type, 0, options) != 0)
    return system_error(errno, std::string("cannot mount ") + where);
  return ok();
}

// MSG_ZEROCOPY fails with ENOBUFS where a queue is full, and also where this memory for completions
// is used up: with enough of it, the error means the queue. A namespace has its own since Linux
// 6.8; before, the host's stays as it is.
void widen_completions() {
  std::ofstream("/proc/sys/net/core/optmem_max") << kCompletionBytes;
}

// TCP the same on every host, whatever its default is: bbr for one paces, which is a timer for each
// segment and nothing that a way of sending has to answer for. Where it cannot be set, the record
// of the environment has what it is.
void choose_congestion_control() {
  for (const char* const name : {"cubic", "reno"}) {
    if (std::ofstream("/proc/sys/net/ipv4/tcp_congestion_control") << name << std::flush) return;
  }
}

Status furnish() {
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return system_error(errno, "cannot make the mounts private");
  // /sys shows the devices of the namespace it was mounted in.
  ZC_TRY(mount_fresh("sysfs", "/sys", nullptr));
  ZC_TRY(mount_fresh("bpf", "/sys/fs/bpf", "mode=0700"));
  widen_completions();
  choose_congestion_control();
  ZC_TRY(run_tool("ip link set lo up"));
  return ok();
}

}  // namespace

Result<std::unique_ptr<Namespaces>> Namespaces::enter() {
  Fd net = ZC_TRY(open_namespace("/proc/self/ns/net"));
  Fd mnt = ZC_TRY(open_namespace("/proc/self/ns/mnt"));
  Fd folder(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return system_error(errno, "the working folder");
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
    return system_error(errno, "cannot make namespaces to measure in");
  std::unique_ptr<Namespaces> entered(
      new Namespaces(std::move(net), std::move(mnt), std::move(folder)));
  ZC_TRY(furnish());
  return entered;
}

// Going on in the wrong namespace could touch the host's devices.
Namespaces::~Namespaces() {
  if (setns(mnt_.get(), CLONE_NEWNS) == 0 && setns(net_.get(), CLONE_NEWNET) == 0 &&
      fchdir(folder_.get()) == 0)
    return;
  std::perror("zcctl: cannot leave the benchmark's namespaces");
  std::abort();
}

}  // namespace zc::bench
