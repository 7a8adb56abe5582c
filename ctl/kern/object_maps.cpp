// SPDX-License-Identifier: GPL-2.0-only
#include "object_maps.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <string>

#include "map.h"

namespace zc::kern {

Status share_maps(bpf_object* object, const PinDirectory& pins,
                  std::initializer_list<std::string_view> but) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    const std::string name = bpf_map__name(map);
    if (bpf_map__is_internal(map) || !pins.has(name) || std::ranges::find(but, name) != but.end())
      continue;
    const Fd pinned =
        ZC_TRY(open_map(pins.pin(name), bpf_map__key_size(map), bpf_map__value_size(map)));
    const int failure = bpf_map__reuse_fd(map, pinned.get());  // it makes a copy of the descriptor
    if (failure != 0) return system_error(-failure, "cannot share " + pins.pin(name));
  }
  return ok();
}

Status pin_maps(const bpf_object* object, const PinDirectory& pins) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (!bpf_map__is_internal(map) && bpf_map__autocreate(map))
      ZC_TRY(pins.pin_fd(bpf_map__fd(map), bpf_map__name(map)));
  }
  return ok();
}

}  // namespace zc::kern
