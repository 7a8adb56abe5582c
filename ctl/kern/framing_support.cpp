// SPDX-License-Identifier: GPL-2.0-only
#include "framing_support.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "program.h"

namespace zc::kern {
namespace {

using Btf = std::unique_ptr<btf, decltype(&btf__free)>;

bool has_member(const btf* types, const btf_type* type, const char* name) {
  const btf_member* members = btf_members(type);
  for (uint16_t i = 0; i < btf_vlen(type); i++) {
    const char* const member = btf__name_by_offset(types, members[i].name_off);
    if (member && std::strcmp(member, name) == 0) return true;
  }
  return false;
}

// A frame is shifted in the message's memory. What sendfile(2) brings is the message's own from
// Linux 6.5 on, when splice began to copy it there (tcp_bpf_sendmsg, MSG_SPLICE_PAGES): that kernel
// has no proto_ops::sendpage any more. Before, it is the file's page cache.
Status check_private_memory() {
  const Btf types(btf__load_vmlinux_btf(), btf__free);
  if (!types)
    return unsupported_error(
        "whether a message's memory is its own (Linux 6.5) cannot be told: this kernel describes "
        "no types (CONFIG_DEBUG_INFO_BTF)");
  const int id = btf__find_by_name_kind(types.get(), "proto_ops", BTF_KIND_STRUCT);
  const btf_type* const type =
      id > 0 ? btf__type_by_id(types.get(), static_cast<uint32_t>(id)) : nullptr;
  if (type && !has_member(types.get(), type, "sendpage")) return ok();
  return unsupported_error(
      "framing TCP needs Linux 6.5 or newer: frames are made in the memory of a message, which "
      "sendfile(2) fills with the file's own pages before: writing there would change the file");
}

Status check_type(int known, const char* what, const char* option) {
  if (known == 1) return ok();
  if (known == -EPERM) return system_error(EPERM, "cannot try what TCP framing needs");
  return unsupported_error(std::string("this kernel has no ") + what + " (" + option + ")");
}

}  // namespace

Status check_framing() {
  capture_libbpf_log();
  ZC_TRY(check_private_memory());
  ZC_TRY(check_type(libbpf_probe_bpf_map_type(BPF_MAP_TYPE_SOCKHASH, nullptr), "sockmaps",
                    "CONFIG_NET_SOCK_MSG, CONFIG_INET"));
  ZC_TRY(check_type(libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SOCK_OPS, nullptr),
                    "programs of type sockops", "CONFIG_CGROUP_BPF"));
  return check_type(libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SK_MSG, nullptr),
                    "programs of type sk_msg", "CONFIG_NET_SOCK_MSG");
}

}  // namespace zc::kern
