// SPDX-License-Identifier: GPL-2.0-only
#include "pace_program.h"

#include <optional>

#include "hook.h"
#include "netlink.h"
#include "program.h"

namespace zc::kern {
namespace {

constexpr char kProgram[] = "zc_depart";

// On the pace device there is no program of this name but ours: libbpf writes "PROGRAM:[ID]".
Result<std::optional<Filter>> find_program(uint32_t ifindex) {
  for (const Filter& filter : ZC_TRY(dump_egress_filters(ifindex))) {
    if (filter.kind == "bpf" && filter.name.starts_with(kProgram)) return std::optional(filter);
  }
  return std::optional<Filter>();
}

}  // namespace

Status attach_pace_program(const PinDirectory& pins, uint32_t ifindex) {
  const Fd program = ZC_TRY(load_depart_program(pins));
  ZC_TRY(create_clsact(ifindex));
  if (const auto filter = ZC_TRY(find_program(ifindex)))
    return replace_clsact(program.get(), ifindex, *filter);
  return attach_clsact(program.get(), ifindex);
}

Result<bool> has_pace_program(uint32_t ifindex) {
  return ZC_TRY(find_program(ifindex)).has_value();
}

}  // namespace zc::kern
