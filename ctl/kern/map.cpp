// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <linux/bpf.h>

namespace zc::kern {

namespace {

Result<bpf_map_info> inspect_map(const Fd& fd, const std::string& path) {
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) == 0) return info;
  return system_error(errno, "cannot inspect " + path);
}

Result<Fd> open_pinned_map(const std::string& path) {
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) return system_error(errno, "cannot open " + path);
  return fd;
}

}  // namespace

Result<uint32_t> map_id(const std::string& path) {
  const Fd fd = ZC_TRY(open_pinned_map(path));
  return ZC_TRY(inspect_map(fd, path)).id;
}

Result<Fd> open_map(const std::string& path, uint32_t key_bytes, uint32_t value_bytes) {
  Fd fd = ZC_TRY(open_pinned_map(path));
  const bpf_map_info info = ZC_TRY(inspect_map(fd, path));
  if (info.key_size != key_bytes || info.value_size != value_bytes)
    return failed_error(path + " has another layout");
  return fd;
}

Status check_maps(const PinDirectory& pins, std::span<const MapLayout> maps) {
  for (const MapLayout& map : maps)
    ZC_TRY(open_map(pins.pin(map.name), static_cast<uint32_t>(map.key_bytes),
                    static_cast<uint32_t>(map.value_bytes)));
  return ok();
}

}  // namespace zc::kern
