// SPDX-License-Identifier: GPL-2.0-only
#include "meta.h"

#include <bpf/bpf.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/cname.h"
#include "grace.h"
#include "map.h"
#include "old_layout.h"

namespace zc::kern {

namespace {

// None of the packets that its program sends elsewhere is on the way there when it returns.
Status forget_device(const PinDirectory& pins, __u32 zc_meta::*device) {
  auto meta = read_meta(pins);
  if (!meta || (*meta).*device == 0) return ok();  // half made: no program runs yet
  (*meta).*device = 0;
  ZC_TRY(write_meta(pins, *meta));
  wait_for_running_programs();
  return ok();
}

}  // namespace

Result<MetaHead> read_meta_head(const PinDirectory& pins) {
  const Fd fd(bpf_obj_get(pins.pin(kPinMeta).c_str()));
  if (!fd) return system_error(errno, "cannot open " + pins.pin(kPinMeta));
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0 || info.value_size < sizeof(MetaHead) ||
      info.key_size != sizeof(uint32_t))
    return MetaHead{};
  std::vector<char> value(info.value_size);
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(fd.get(), &zero, value.data()) != 0) return MetaHead{};
  MetaHead head{};
  std::memcpy(&head, value.data(), sizeof(head));
  return head;
}

zc_meta new_meta(const api::Device& device, const api::CreateOptions& options,
                 uint64_t netns_cookie) {
  zc_meta meta{};
  meta.magic = ZC_ABI_MAGIC;
  meta.version = ZC_ABI_VERSION;
  meta.netns_cookie = netns_cookie;
  meta.ifindex = device.ifindex;
  meta.hook = options.hook;
  meta.max_streams = options.max_streams;
  std::strncpy(meta.dev, device.name.c_str(), sizeof(meta.dev) - 1);
  return meta;
}

Status give_cname(const std::string& bpffs, zc_meta& meta) {
  std::string name;
  for (const Scope& scope : ZC_TRY(list_pins(bpffs))) {
    if (scope.netns_cookie != meta.netns_cookie) continue;
    const auto other = read_meta({bpffs, scope});
    if (other && other->cname[0] != '\0') name = other->cname;
  }
  if (name.empty()) name = make_random_cname();
  std::strncpy(meta.cname, name.c_str(), sizeof(meta.cname) - 1);
  return ok();
}

namespace {

// A shorter one of an older layout holds the first words of today's.
Result<Fd> open_meta(const PinDirectory& pins) {
  const MetaHead head = ZC_TRY(read_meta_head(pins));
  const uint32_t bytes = has_short_rules(head.version) ? kShortMetaBytes : sizeof(zc_meta);
  return open_map(pins.pin(kPinMeta), sizeof(uint32_t), bytes);
}

}  // namespace

Result<zc_meta> read_meta(const PinDirectory& pins) {
  const Fd fd = ZC_TRY(open_meta(pins));
  zc_meta meta{};
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(fd.get(), &zero, &meta) != 0)
    return system_error(errno, "cannot read " + pins.pin(kPinMeta));
  return meta;
}

Status write_meta(const PinDirectory& pins, const zc_meta& meta) {
  const Fd fd = ZC_TRY(open_meta(pins));
  const uint32_t zero = 0;
  if (bpf_map_update_elem(fd.get(), &zero, &meta, BPF_ANY) != 0)
    return system_error(errno, "cannot write " + pins.pin(kPinMeta));
  return ok();
}

Status stop_cutting(const PinDirectory& pins) {
  return forget_device(pins, &zc_meta::stage);
}

Status stop_pacing(const PinDirectory& pins) {
  return forget_device(pins, &zc_meta::pace);
}

}  // namespace zc::kern
