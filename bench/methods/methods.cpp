// SPDX-License-Identifier: GPL-2.0-only
#include "methods/methods.h"

#include <algorithm>
#include <array>

namespace zc::bench {

#define ZC_BENCH_POINTER(name) &(name),
static constexpr std::array kMethods{ZC_BENCH_METHODS(ZC_BENCH_POINTER)};
#undef ZC_BENCH_POINTER

std::span<const Method* const> all_methods() {
  return kMethods;
}

const Method* find_method(std::string_view name) {
  const auto* const found = std::find_if(kMethods.begin(), kMethods.end(),
                                         [&](const Method* m) { return m->name == name; });
  return found == kMethods.end() ? nullptr : *found;
}

std::string any_size(size_t /*payload_bytes*/) {
  return {};
}

}  // namespace zc::bench
