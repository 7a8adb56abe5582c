// SPDX-License-Identifier: GPL-2.0-only
#include "attachment.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/fd.h"
#include "hook.h"
#include "meta.h"

namespace zc::kern {
namespace {

namespace fs = std::filesystem;

Result<Fd> open_pin(const std::string& path) {
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) return system_error(errno, "cannot open " + path);
  return fd;
}

// The pins in the directory `name`, or the one pin of that name in layout 2.
std::vector<std::string> pins_named(const PinDirectory& pins, const std::string& name) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(pins.pin(name), failure))
    paths.push_back(entry.path());
  if (failure == std::errc::not_a_directory) paths.push_back(pins.pin(name));
  return paths;
}

Result<uint32_t> program_id(const std::string& path) {
  const Fd program = ZC_TRY(open_pin(path));
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
    return system_error(errno, "cannot inspect the program");
  return info.id;
}

Result<Fd> open_egress(const PinDirectory& pins) {
  return open_pin(pins.pin(PinDirectory::program(kEgress)));
}

}  // namespace

std::vector<std::string> link_pins(const PinDirectory& pins) {
  return pins_named(pins, "link");
}

std::vector<std::string> program_pins(const PinDirectory& pins) {
  return pins_named(pins, "prog");
}

Status attach_egress(const PinDirectory& pins, uint32_t ifindex) {
  const Fd program = ZC_TRY(open_egress(pins));
  if (ZC_TRY(read_meta(pins)).hook == ZC_HOOK_CLSACT) {
    ZC_TRY(create_clsact(ifindex));
    return attach_clsact(program.get(), ifindex);
  }
  const Fd link = ZC_TRY(attach_tcx(program.get(), ifindex));
  return pins.pin_fd(link.get(), PinDirectory::link(kEgress));
}

Status replace_egress(const PinDirectory& pins, const PinDirectory& successor, uint32_t ifindex) {
  const Fd program = ZC_TRY(open_egress(successor));
  for (const std::string& path : link_pins(pins)) {
    const Fd link = ZC_TRY(open_pin(path));
    if (!successor.has(PinDirectory::link(kEgress)))
      ZC_TRY(successor.pin_fd(link.get(), PinDirectory::link(kEgress)));
    return replace_tcx(link.get(), program.get());
  }
  return replace_clsact(program.get(), ifindex);
}

Status detach_links(const PinDirectory& pins) {
  for (const std::string& path : link_pins(pins)) {
    const Fd link = ZC_TRY(open_pin(path));
    ZC_TRY(detach_tcx(link.get()));
    if (unlink(path.c_str()) != 0) return system_error(errno, "cannot unpin " + path);
  }
  return ok();
}

Result<bool> holds_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex) {
  const uint32_t filter = ZC_TRY(clsact_program(ifindex));
  if (filter == 0) return false;
  for (const PinDirectory* directory : {&pins, &beside}) {
    for (const std::string& path : program_pins(*directory)) {
      if (ZC_TRY(program_id(path)) == filter) return true;
    }
  }
  return false;
}

Status detach_filter(const PinDirectory& pins, const PinDirectory& beside, uint32_t ifindex) {
  if (ZC_TRY(holds_filter(pins, beside, ifindex))) ZC_TRY(detach_clsact(ifindex));
  const auto meta = read_meta(pins);
  if (meta && meta->clsact_ours) ZC_TRY(remove_empty_clsact(ifindex));
  return ok();
}

}  // namespace zc::kern
