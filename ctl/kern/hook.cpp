// SPDX-License-Identifier: GPL-2.0-only
#include "hook.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_ether.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace zc::kern {
namespace {

// BPF_TCX_EGRESS: younger than Debian 12's headers (Linux 6.6, include/uapi/linux/bpf.h).
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);
constexpr uint32_t kBefore = 1U << 3;  // BPF_F_BEFORE: without a relative, before all (Linux 6.6)

// bpf(2)'s attributes of BPF_PROG_QUERY as Linux 6.6 has them: libbpf 1.1 does not know the links.
struct TcxQuery {
  uint32_t ifindex, attach_type, query_flags, attach_flags;
  uint64_t programs;
  uint32_t count, pad;
  uint64_t program_flags, links, link_flags, revision;
};
static_assert(sizeof(TcxQuery) == 64, "as the kernel reads it");

bpf_tc_hook egress_of(uint32_t ifindex) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = BPF_TC_EGRESS;
  return hook;
}

bpf_tc_opts place_of(const Filter& filter) {
  bpf_tc_opts opts{};
  opts.sz = sizeof(opts);
  opts.handle = filter.handle;
  opts.priority = filter.preference;
  return opts;
}

// A filter of ours can join those of a preference: they are bpf filters for every protocol, of
// which the youngest comes first (cls_bpf_change).
bool can_join(const Filter& filter) {
  return filter.kind == "bpf" && filter.protocol == ETH_P_ALL;
}

// The first place that the filters which are there leave to us.
Filter first_place(const std::vector<Filter>& filters) {
  Filter place;
  place.preference = place.handle = 1;
  for (const Filter& filter : filters) {
    if (filter.preference > place.preference) break;
    if (can_join(filter)) {
      place.handle = std::max(place.handle, filter.handle + 1);
    } else {
      place.preference = filter.preference + 1;
      place.handle = 1;
    }
  }
  return place;
}

}  // namespace

bool has_tcx(int program_fd) {
  const Fd link(bpf_link_create(program_fd, INT_MAX, kTcxEgress, nullptr));
  return !link && errno == ENODEV;  // an older kernel does not get as far as the device: EINVAL
}

Status detach_tcx(int link_fd) {
  if (bpf_link_detach(link_fd) == 0 || errno == ENOLINK) return ok();
  return system_error(errno, "cannot detach from tcx egress");
}

Result<Fd> attach_tcx(int program_fd, uint32_t ifindex) {
  bpf_link_create_opts opts{};
  opts.sz = sizeof(opts);
  opts.flags = kBefore;
  Fd link(bpf_link_create(program_fd, static_cast<int>(ifindex), kTcxEgress, &opts));
  if (!link) return system_error(errno, "cannot attach to tcx egress");
  return link;
}

Status replace_tcx(int link_fd, int program_fd) {
  if (bpf_link_update(link_fd, program_fd, nullptr) == 0) return ok();
  return system_error(errno, "cannot replace the program on tcx egress");
}

Result<TcxLink> tcx_link(int link_fd) {
  bpf_link_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link_fd, &info, &size) != 0)
    return system_error(errno, "cannot read the tcx link");
  return TcxLink{info.prog_id, info.xdp.ifindex};  // tcx.ifindex is at the same place of the union
}

Result<std::vector<TcxProgram>> tcx_programs(uint32_t ifindex) {
  constexpr uint32_t kMost = 64;  // BPF_MPROG_MAX of the kernel
  std::array<uint32_t, kMost> programs{}, links{};
  TcxQuery query{};
  query.ifindex = ifindex;
  query.attach_type = kTcxEgress;
  query.programs = reinterpret_cast<uintptr_t>(programs.data());
  query.links = reinterpret_cast<uintptr_t>(links.data());
  query.count = kMost;
  if (syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof(query)) != 0) {
    // A kernel without BPF, without tcx, or one that does not know so long a question; or a device
    // on which nothing ever hung. What is to be loaded there says why it cannot be.
    if (errno == ENOSYS || errno == EINVAL || errno == E2BIG || errno == ENOENT)
      return std::vector<TcxProgram>();
    return system_error(errno, "cannot query tcx egress");
  }
  std::vector<TcxProgram> found;
  for (uint32_t i = 0; i < std::min(query.count, kMost); i++)
    found.push_back({programs[i], links[i]});
  return found;
}

Result<bool> create_clsact(uint32_t ifindex) {
  bpf_tc_hook hook = egress_of(ifindex);
  const int failure = bpf_tc_hook_create(&hook);
  if (failure == 0) return true;
  if (failure == -EEXIST && ZC_TRY(has_clsact(ifindex))) return false;
  Error error = system_error(-failure, "cannot make a clsact qdisc");
  if (failure == -EEXIST)
    error.hint = "an ingress qdisc is in its place: tc qdisc del dev DEV ingress";
  return error;
}

Status attach_clsact(int program_fd, uint32_t ifindex) {
  bpf_tc_hook hook = egress_of(ifindex);
  bpf_tc_opts opts = place_of(first_place(ZC_TRY(dump_egress_filters(ifindex))));
  opts.prog_fd = program_fd;
  const int failure = bpf_tc_attach(&hook, &opts);
  if (failure != 0) return system_error(-failure, "cannot attach to the clsact qdisc");
  return ok();
}

Result<std::optional<Filter>> find_clsact(uint32_t ifindex, const std::vector<uint32_t>& programs) {
  for (const Filter& filter : ZC_TRY(dump_egress_filters(ifindex))) {
    if (filter.program != 0 && std::ranges::find(programs, filter.program) != programs.end())
      return std::optional(filter);
  }
  return std::optional<Filter>();
}

Status replace_clsact(int program_fd, uint32_t ifindex, const Filter& filter) {
  bpf_tc_hook hook = egress_of(ifindex);
  bpf_tc_opts opts = place_of(filter);
  opts.prog_fd = program_fd;
  opts.flags = BPF_TC_F_REPLACE;
  const int failure = bpf_tc_attach(&hook, &opts);
  if (failure != 0) return system_error(-failure, "cannot replace the filter on the clsact qdisc");
  return ok();
}

Status detach_clsact(uint32_t ifindex, const Filter& filter) {
  bpf_tc_hook hook = egress_of(ifindex);
  bpf_tc_opts opts = place_of(filter);
  const int failure = bpf_tc_detach(&hook, &opts);
  if (failure != 0 && failure != -ENOENT)
    return system_error(-failure, "cannot detach from the clsact qdisc");
  return ok();
}

Status remove_empty_clsact(uint32_t ifindex) {
  if (!ZC_TRY(has_clsact(ifindex)) || ZC_TRY(count_clsact_filters(ifindex)) > 0) return ok();
  bpf_tc_hook hook = egress_of(ifindex);
  hook.attach_point = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  const int failure = bpf_tc_hook_destroy(&hook);
  if (failure != 0) return system_error(-failure, "cannot remove the clsact qdisc");
  return ok();
}

}  // namespace zc::kern
