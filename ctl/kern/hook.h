// SPDX-License-Identifier: GPL-2.0-only
// The two places at a device's egress where the program can hang: tcx (Linux 6.6) and clsact.
#pragma once

#include <cstdint>

#include "base/fd.h"
#include "base/result.h"
#include "zc/abi.h"

namespace zc::kern {

// Our place among the filters of a clsact qdisc: fixed, so that it is found again.
constexpr uint32_t kClsactPriority = 31331;
constexpr uint32_t kClsactHandle = 1;

// Does this kernel have tcx? Asks with a device that cannot exist, and changes nothing.
bool has_tcx(int program_fd);

// Attaches behind the programs that are there. The link holds the program until it is closed and
// its pin is gone, or the device disappears.
Result<Fd> attach_tcx(int program_fd, uint32_t ifindex);
// The link is off when it returns, whoever else may hold it. Succeeds where it was off already.
Status detach_tcx(int link_fd);
// Puts another program in the place of the link's, in one step.
Status replace_tcx(int link_fd, int program_fd);
// The device that a tcx link still holds on to; 0 where the device is gone.
Result<uint32_t> tcx_link_ifindex(int link_fd);

// Makes a clsact qdisc; true: there was none.
Result<bool> create_clsact(uint32_t ifindex);
Status attach_clsact(int program_fd, uint32_t ifindex);
// Puts another program in our place, in one step.
Status replace_clsact(int program_fd, uint32_t ifindex);
// Id of the program in our place; 0 where there is none.
Result<uint32_t> clsact_program(uint32_t ifindex);
Status detach_clsact(uint32_t ifindex);
// Removes the qdisc unless anything else hangs on it.
Status remove_empty_clsact(uint32_t ifindex);

}  // namespace zc::kern
