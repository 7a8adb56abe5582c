// SPDX-License-Identifier: GPL-2.0-only
// Cgroups of version 2, and the place in them where a program sees TCP connections begin and end.
#pragma once

#include <cstdint>
#include <string>

#include "api/target.h"
#include "base/fd.h"
#include "base/result.h"

namespace zc::kern {

// kNotFound where there is no such folder, kUsage where it is no cgroup of version 2.
Result<api::Target> find_cgroup(const std::string& path);

// Is the cgroup still there? Where nobody may know, it is.
bool cgroup_lives(const api::Target& target);

// A link, which holds the program until it is closed and its pin is gone. Programs that are there
// already stay, and run before. The cgroup is there.
Result<Fd> attach_sockops(int program_fd, const api::Target& target);
// The link is off when it returns, whoever else may hold it. Succeeds where it was off already.
Status detach_cgroup_link(int link_fd);
// Id of the cgroup that the link still holds on to; 0 where it was taken off, or that is gone.
Result<uint64_t> cgroup_of_link(int link_fd);

}  // namespace zc::kern
