// SPDX-License-Identifier: GPL-2.0-only
// How much memory the maps of an object take in the kernel.
#pragma once

#include <cstdint>

struct bpf_object;

namespace zc::kern {

// Of all maps that get a pin, with as many entries as they were given; of a map that takes memory
// with each entry (BPF_F_NO_PREALLOC), as long as it is empty.
uint64_t map_bytes(const bpf_object* object);

}  // namespace zc::kern
