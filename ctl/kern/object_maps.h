// SPDX-License-Identifier: GPL-2.0-only
// The maps of a BPF object and their pins. A map is known by its name: objects that define one of
// the same name share it through its pin.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/result.h"
#include "pins.h"

struct bpf_object;

namespace zc::kern {

// Takes, before the object is loaded, each of its maps that is pinned in `pins` instead of a new
// one, except those of the names `but`. kFailed where one has other sizes than the object says.
Status share_maps(bpf_object* object, const PinDirectory& pins,
                  std::initializer_list<std::string_view> but);
// Pins all maps of a loaded object but those that it was told not to make.
Status pin_maps(const bpf_object* object, const PinDirectory& pins);

}  // namespace zc::kern
