// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <linux/bpf.h>

namespace zc::kern {

Result<Fd> open_map(const std::string& path, uint32_t key_bytes, uint32_t value_bytes) {
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) return system_error(errno, "cannot open " + path);
  bpf_map_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0)
    return system_error(errno, "cannot inspect " + path);
  if (info.key_size != key_bytes || info.value_size != value_bytes)
    return failed_error(path + " has another layout");
  return fd;
}

}  // namespace zc::kern
