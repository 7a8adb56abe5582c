// SPDX-License-Identifier: GPL-2.0-only
#include "hook.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <climits>

#include "netlink.h"

namespace zc::kern {
namespace {

// BPF_TCX_EGRESS: younger than Debian 12's headers (Linux 6.6, include/uapi/linux/bpf.h).
constexpr auto kTcxEgress = static_cast<bpf_attach_type>(47);

bpf_tc_hook egress_of(uint32_t ifindex) {
  bpf_tc_hook hook{};
  hook.sz = sizeof(hook);
  hook.ifindex = static_cast<int>(ifindex);
  hook.attach_point = BPF_TC_EGRESS;
  return hook;
}

bpf_tc_opts our_place() {
  bpf_tc_opts opts{};
  opts.sz = sizeof(opts);
  opts.handle = kClsactHandle;
  opts.priority = kClsactPriority;
  return opts;
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
  Fd link(bpf_link_create(program_fd, static_cast<int>(ifindex), kTcxEgress, nullptr));
  if (!link) return system_error(errno, "cannot attach to tcx egress");
  return link;
}

Status replace_tcx(int link_fd, int program_fd) {
  if (bpf_link_update(link_fd, program_fd, nullptr) == 0) return ok();
  return system_error(errno, "cannot replace the program on tcx egress");
}

Result<uint32_t> tcx_link_ifindex(int link_fd) {
  bpf_link_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(link_fd, &info, &size) != 0)
    return system_error(errno, "cannot read the tcx link");
  return info.xdp.ifindex;  // tcx.ifindex stands at the same place of the union
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
  bpf_tc_opts opts = our_place();
  opts.prog_fd = program_fd;
  const int failure = bpf_tc_attach(&hook, &opts);
  if (failure == -EEXIST)
    return exists_error(
        "another filter is in zcctl's place on the clsact qdisc",
        "if it is a zc_egress that lost its pins: tc filter del dev DEV egress pref " +
            std::to_string(kClsactPriority));
  if (failure != 0) return system_error(-failure, "cannot attach to the clsact qdisc");
  return ok();
}

Status replace_clsact(int program_fd, uint32_t ifindex) {
  bpf_tc_hook hook = egress_of(ifindex);
  bpf_tc_opts opts = our_place();
  opts.prog_fd = program_fd;
  opts.flags = BPF_TC_F_REPLACE;
  const int failure = bpf_tc_attach(&hook, &opts);
  if (failure != 0) return system_error(-failure, "cannot replace the filter on the clsact qdisc");
  return ok();
}

Result<uint32_t> clsact_program(uint32_t ifindex) {
  if (!ZC_TRY(has_clsact(ifindex))) return 0U;
  bpf_tc_hook hook = egress_of(ifindex);
  bpf_tc_opts opts = our_place();
  const int failure = bpf_tc_query(&hook, &opts);
  // A qdisc on which no filter ever hung, or none hangs any more, has no chain to look in: EINVAL.
  if (failure == -ENOENT || failure == -EINVAL) return 0U;
  if (failure != 0) return system_error(-failure, "cannot query the clsact qdisc");
  return opts.prog_id;
}

Status detach_clsact(uint32_t ifindex) {
  bpf_tc_hook hook = egress_of(ifindex);
  bpf_tc_opts opts = our_place();
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
