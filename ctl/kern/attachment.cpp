// SPDX-License-Identifier: GPL-2.0-only
#include "attachment.h"

#include <bpf/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "hook.h"
#include "meta.h"

namespace zc::kern {
namespace {

Result<Fd> open_pin(const std::string& path) {
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) return system_error(errno, "cannot open " + path);
  return fd;
}

// The pin `NAME/egress`; in layout 2 the pin was `NAME`, which is a folder now.
Result<std::optional<std::string>> egress_pin(const PinDirectory& pins, const std::string& name) {
  for (const std::string& path : {pins.pin(name + "/" + kEgress), pins.pin(name)}) {
    struct stat info {};
    if (stat(path.c_str(), &info) == 0) {
      if (S_ISREG(info.st_mode)) return std::optional(path);
    } else if (errno != ENOENT && errno != ENOTDIR) {
      return system_error(errno, "cannot look at " + path);
    }
  }
  return std::optional<std::string>();
}

Result<uint32_t> program_id(const std::string& path) {
  const Fd program = ZC_TRY(open_pin(path));
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
    return system_error(errno, "cannot inspect the program");
  return info.id;
}

Result<std::optional<Filter>> find_filter(const PinDirectory& pins, const PinDirectory& beside,
                                          uint32_t ifindex) {
  return find_clsact(ifindex, ZC_TRY(egress_programs(pins, beside)));
}

Result<Fd> open_egress(const PinDirectory& pins) {
  return open_pin(pins.pin(PinDirectory::program(kEgress)));
}

}  // namespace

Result<std::optional<std::string>> egress_link_pin(const PinDirectory& pins) {
  return egress_pin(pins, "link");
}

Result<std::optional<std::string>> egress_program_pin(const PinDirectory& pins) {
  return egress_pin(pins, "prog");
}

Result<std::vector<uint32_t>> egress_programs(const PinDirectory& pins,
                                              const PinDirectory& beside) {
  std::vector<uint32_t> ids;
  for (const PinDirectory* directory : {&pins, &beside}) {
    const std::optional<std::string> program = ZC_TRY(egress_program_pin(*directory));
    if (program) ids.push_back(ZC_TRY(program_id(*program)));
  }
  return ids;
}

Status attach_egress(const PinDirectory& pins, uint32_t ifindex) {
  const Fd program = ZC_TRY(open_egress(pins));
  if (ZC_TRY(read_meta(pins)).hook == ZC_HOOK_CLSACT) {
    ZC_TRY(create_clsact(ifindex));
    return attach_clsact(program.get(), ifindex);
  }
  ZC_TRY(detach_link(pins));  // one that somebody has taken off
  const Fd link = ZC_TRY(attach_tcx(program.get(), ifindex));
  return pins.pin_fd(link.get(), PinDirectory::link(kEgress));
}

Status replace_egress(const PinDirectory& pins, const PinDirectory& successor, uint32_t ifindex) {
  const Fd program = ZC_TRY(open_egress(successor));
  const std::optional<std::string> pinned = ZC_TRY(egress_link_pin(pins));
  if (!pinned) {
    const auto filter = ZC_TRY(find_filter(pins, successor, ifindex));
    if (!filter) return failed_error("its filter on the clsact qdisc has gone");
    return replace_clsact(program.get(), ifindex, *filter);
  }
  const Fd link = ZC_TRY(open_pin(*pinned));
  if (!ZC_TRY(egress_link_pin(successor)))
    ZC_TRY(successor.pin_fd(link.get(), PinDirectory::link(kEgress)));
  return replace_tcx(link.get(), program.get());
}

Status detach_link(const PinDirectory& pins) {
  const std::optional<std::string> pinned = ZC_TRY(egress_link_pin(pins));
  if (!pinned) return ok();
  const Fd link = ZC_TRY(open_pin(*pinned));
  ZC_TRY(detach_tcx(link.get()));
  if (unlink(pinned->c_str()) == 0) return ok();
  return system_error(errno, "cannot unpin " + *pinned);
}

Result<bool> holds_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex) {
  return ZC_TRY(find_filter(pins, beside, ifindex)).has_value();
}

Status detach_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex) {
  if (const auto filter = ZC_TRY(find_filter(pins, beside, ifindex)))
    ZC_TRY(detach_clsact(ifindex, *filter));
  const auto meta = read_meta(pins);
  if (meta && meta->clsact_ours) ZC_TRY(remove_empty_clsact(ifindex));
  return ok();
}

}  // namespace zc::kern
