// SPDX-License-Identifier: GPL-2.0-only
#include "egress_chain.h"

#include <bpf/bpf.h>
#include <linux/if_ether.h>

#include <algorithm>

#include "base/fd.h"
#include "hook.h"
#include "netlink.h"

namespace zc::kern {
namespace {

bool contains(const std::vector<uint32_t>& ids, uint32_t id) {
  return std::ranges::find(ids, id) != ids.end();
}

// Empty where it may not be known, or the program has just gone.
std::string program_name(uint32_t id) {
  const Fd program(bpf_prog_get_fd_by_id(id));
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0) return "";
  return info.name;
}

// libbpf names a filter "PROGRAM:[ID]", whoever may look.
std::string filter_name(const Filter& filter) {
  if (filter.program == 0) return filter.kind;
  const std::string name = program_name(filter.program);
  return name.empty() ? filter.name.substr(0, filter.name.find(":[")) : name;
}

bool sees_our_packets(const Filter& filter) {
  switch (filter.protocol) {
    case ETH_P_ALL:
    case ETH_P_IP:
    case ETH_P_IPV6:
    case ETH_P_8021Q:
    case ETH_P_8021AD:
      return true;
    default:
      return false;
  }
}

// Some kinds show parts of themselves as filters of their own (u32's hash tables).
bool is_same(const api::HookEntry& entry, const Filter& filter) {
  return entry.hook == ZC_HOOK_CLSACT && entry.program == 0 && filter.program == 0 &&
         entry.preference == filter.preference;
}

}  // namespace

Result<std::vector<api::HookEntry>> egress_chain(uint32_t ifindex,
                                                 const std::vector<uint32_t>& ours) {
  std::vector<api::HookEntry> chain;
  for (const TcxProgram& tcx : ZC_TRY(tcx_programs(ifindex)))
    chain.push_back({.hook = ZC_HOOK_TCX,
                     .name = program_name(tcx.program),
                     .program = tcx.program,
                     .link = tcx.link,
                     .ours = contains(ours, tcx.program)});
  for (const Filter& filter : ZC_TRY(dump_egress_filters(ifindex))) {
    if (filter.handle == 0 || !sees_our_packets(filter)) continue;
    if (!chain.empty() && is_same(chain.back(), filter)) continue;
    chain.push_back({.hook = ZC_HOOK_CLSACT,
                     .name = filter_name(filter),
                     .program = filter.program,
                     .preference = filter.preference,
                     .handle = filter.handle,
                     .ours = contains(ours, filter.program)});
  }
  return chain;
}

}  // namespace zc::kern
