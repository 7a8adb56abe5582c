// SPDX-License-Identifier: GPL-2.0-only
// Network namespaces: going into one, and telling them apart.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "base/result.h"

namespace zc::kern {

// Moves this process into a namespace: a name as `ip netns` knows it, or a path such as
// /proc/PID/ns/net. The mount namespace stays, and with it the bpffs.
Status enter_netns(const std::string& name_or_path);

// Names this boot's namespaces without reuse (SO_NETNS_COOKIE, Linux 5.14).
Result<uint64_t> netns_cookie();

// Runs `body` in the namespace of a path such as /proc/PID/ns/net, on a thread of its own. False:
// it cannot be entered, and `body` did not run.
bool in_netns(const std::string& path, const std::function<void()>& body);

// Runs `body` once in each network namespace that a process, a name in /run/netns or a bind mount
// keeps alive, on a thread of its own. False: some could not be entered.
bool in_each_netns(const std::function<void(uint64_t cookie)>& body);

// The cookies of all namespaces that a process, a name in /run/netns or a bind mount keeps alive.
// One that only an open file descriptor keeps is missed.
struct LivingNamespaces {
  std::set<uint64_t> cookies;
  bool complete = true;  // false: some could not be looked into, so a missing one proves nothing
};
Result<LivingNamespaces> living_netns_cookies();

}  // namespace zc::kern
