// SPDX-License-Identifier: GPL-2.0-only
#include "kern/netns.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/fd.h"

namespace zc::kern {
namespace {

namespace fs = std::filesystem;
constexpr const char* kNamedNamespaces = "/run/netns";

// Every path that may lead to a namespace: of processes, of `ip netns`, of bind mounts.
std::set<std::string> namespace_paths() {
  std::set<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") == std::string::npos)
      paths.insert(entry.path().string() + "/ns/net");
  }
  for (const auto& entry : fs::directory_iterator(kNamedNamespaces, ignored))
    paths.insert(entry.path());
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, target;
    fields >> id >> parent >> device >> root >> target;
    if (root.starts_with("net:[")) paths.insert(target);
  }
  return paths;
}

// Enters each namespace once. Runs on a thread of its own, which dies there.
void visit_all(const std::function<void(uint64_t cookie)>& body, bool& complete) {
  std::set<ino_t> seen;
  for (const std::string& path : namespace_paths()) {
    struct stat info {};
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    // A process that ended meanwhile is no gap; one that may not be looked into is.
    if (!fd && errno != ENOENT && errno != ESRCH) complete = false;
    // `ip netns` leaves an empty file where a mount went, or was made in another mount namespace.
    if (fd && ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET) continue;
    if (!fd || fstat(fd.get(), &info) != 0 || !seen.insert(info.st_ino).second) continue;
    const bool entered = setns(fd.get(), CLONE_NEWNET) == 0;
    const auto cookie = netns_cookie();
    if (!entered || !cookie)
      complete = false;
    else
      body(*cookie);
  }
}

}  // namespace

Status enter_netns(const std::string& name_or_path) {
  const bool is_path = name_or_path.find('/') != std::string::npos;
  const std::string path =
      is_path ? name_or_path : std::string(kNamedNamespaces) + "/" + name_or_path;
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    return not_found_error("there is no network namespace '" + name_or_path + "'",
                           "`ip netns` lists them; a path such as /proc/PID/ns/net works too");
  }
  if (!fd) return system_error(errno, path);
  if (setns(fd.get(), CLONE_NEWNET) != 0)
    return system_error(errno, "cannot enter network namespace '" + name_or_path + "'");
  return ok();
}

Result<uint64_t> netns_cookie() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  if (!socket || getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) != 0) {
    Error error = system_error(errno, "cannot identify the network namespace (SO_NETNS_COOKIE)");
    if (error.kind == ErrorKind::kFailed) error.kind = ErrorKind::kUnsupported;
    error.hint = "zcctl needs Linux 5.15 or newer";
    return error;
  }
  return cookie;
}

bool in_netns(const std::string& path, const std::function<void()>& body) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  bool entered = false;
  if (!fd) return false;
  std::thread([&] {
    entered = setns(fd.get(), CLONE_NEWNET) == 0;
    if (entered) body();
  }).join();
  return entered;
}

bool in_each_netns(const std::function<void(uint64_t cookie)>& body) {
  bool complete = true;
  std::thread(visit_all, std::cref(body), std::ref(complete)).join();
  return complete;
}

Result<LivingNamespaces> living_netns_cookies() {
  LivingNamespaces living;
  living.cookies.insert(ZC_TRY(netns_cookie()));
  living.complete = in_each_netns([&](uint64_t cookie) { living.cookies.insert(cookie); });
  return living;
}

}  // namespace zc::kern
