// SPDX-License-Identifier: GPL-2.0-only
// The two places at a device's egress where the program can hang: tcx (Linux 6.6) and clsact.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "netlink.h"

namespace zc::kern {

// Does this kernel have tcx? Asks with a device that cannot exist, and changes nothing.
bool has_tcx(int program_fd);

// Attaches before all programs that are there: a neighbour that says TCX_PASS ends the chain. The
// link holds the program until it is closed and
// its pin is gone, or the device disappears.
Result<Fd> attach_tcx(int program_fd, uint32_t ifindex);
// The link is off when it returns, whoever else may hold it. Succeeds where it was off already.
Status detach_tcx(int link_fd);
// Puts another program in the place of the link's, in one step.
Status replace_tcx(int link_fd, int program_fd);
struct TcxLink {
  uint32_t program = 0;  // its id
  uint32_t ifindex = 0;  // of the device that it still holds on to; 0 where that is gone
};
Result<TcxLink> tcx_link(int link_fd);

struct TcxProgram {
  uint32_t program = 0;  // its id
  uint32_t link = 0;     // id of its link; 0: it hangs there without one
};
// What hangs at tcx egress of a device of this namespace, in the order in which packets meet it.
// Nothing where the kernel has no tcx.
Result<std::vector<TcxProgram>> tcx_programs(uint32_t ifindex);

// Makes a clsact qdisc; true: there was none.
Result<bool> create_clsact(uint32_t ifindex);
// Hangs a filter before all others, or behind those whose kind keeps the first place to itself.
Status attach_clsact(int program_fd, uint32_t ifindex);
// The filter with one of these programs, wherever it hangs.
Result<std::optional<Filter>> find_clsact(uint32_t ifindex, const std::vector<uint32_t>& programs);
// Puts another program in a filter's place, in one step.
Status replace_clsact(int program_fd, uint32_t ifindex, const Filter& filter);
Status detach_clsact(uint32_t ifindex, const Filter& filter);
// Removes the qdisc unless anything else hangs on it.
Status remove_empty_clsact(uint32_t ifindex);

}  // namespace zc::kern
