// SPDX-License-Identifier: GPL-2.0-only
// The order of things is a device's (docs/architecture.md): pins are made, then rules, then the
// link is pinned, which makes them real; a folder `attached` says that they were in force. Who is
// killed before leaves pins without a link, which the next command removes.
#include "target_session.h"

#include <bpf/bpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cgroup.h"
#include "meta.h"
#include "pins.h"
#include "target_program.h"
#include "target_tables.h"

namespace zc::kern {
namespace {

using State = api::PinnedTarget::State;

TargetScope scope_of(const api::Target& target) {
  return {target.kind, target.id};
}

Result<Fd> open_pin(const std::string& path) {
  Fd fd(bpf_obj_get(path.c_str()));
  if (!fd) return system_error(errno, "cannot open " + path);
  return fd;
}

// Why the program does not see connections that come; empty where it does.
Result<std::string> why_off(const PinDirectory& pins, const api::Target& target) {
  if (target.kind == ZC_TARGET_SOCKETS)
    return std::string(pins.has(kMarkAttached) ? "" : "it was left half done");
  if (!pins.has(PinDirectory::link(kConnect)))
    return std::string(pins.has(kMarkAttached) ? "its program is not attached"
                                               : "it was left half done");
  const Fd link = ZC_TRY(open_pin(pins.pin(PinDirectory::link(kConnect))));
  const bool holds = ZC_TRY(cgroup_of_link(link.get())) != 0;
  if (!cgroup_lives(target)) return std::string("its cgroup is gone");
  return std::string(holds ? "" : "its program is not attached");
}

bool is_complete(const PinDirectory& pins) {
  return pins.has(PinDirectory::program(kMessage)) && pins.has(PinDirectory::program(kConnect)) &&
         check_target_layout(pins);
}

// `found` has target and nothing else.
Status inspect(const PinDirectory& pins, api::PinnedTarget& found) {
  const auto head = read_meta_head(pins);
  const bool there = head && head->magic != 0;
  if (there && (!head->is_zcctl() || head->version != ZC_ABI_VERSION)) {
    found.state = State::kOtherVersion;
    found.why = head->is_zcctl() ? "its pins have layout " + std::to_string(head->version) +
                                       ", this zcctl knows layout " + std::to_string(ZC_ABI_VERSION)
                                 : "its pins are not zcctl's";
    return ok();
  }
  const auto target = read_target(pins);
  if (target) found.target.path = target->path;
  found.why = ZC_TRY(why_off(pins, found.target));
  const bool complete = is_complete(pins);
  if (!found.why.empty()) {
    const bool again = complete && pins.has(kMarkAttached) && cgroup_lives(found.target);
    found.state = again ? State::kDetached : State::kLeftover;
  } else if (!complete) {
    found.state = State::kDamaged;
    const Status layout = check_target_layout(pins);
    found.why = layout ? "a program is missing" : layout.error().message;
  }
  return ok();
}

class LinuxTargets final : public api::TargetSession {
 public:
  explicit LinuxTargets(std::string bpffs) : bpffs_(std::move(bpffs)) {}

  Result<std::vector<api::PinnedTarget>> pinned() override;
  Result<std::unique_ptr<api::Tables>> read(const api::PinnedTarget& pins) override {
    return std::unique_ptr<api::Tables>(ZC_TRY(open_target_tables(directory_of(pins.target))));
  }
  Result<std::set<uint64_t>> taken(const api::PinnedTarget& pins) override {
    return taken_sockets(directory_of(pins.target));
  }
  Result<std::unique_ptr<api::TargetTables>> open(const api::PinnedTarget& pins) override {
    const PinDirectory directory = directory_of(pins.target);
    // A kill came between the link's pin and the mark, or between mark and link of a removal.
    if (pins.state == State::kLive) ZC_TRY(directory.mark(kMarkAttached));
    if (pins.target.kind == ZC_TARGET_SOCKETS) ZC_TRY(end_closed(directory));
    return open_target_tables(directory);
  }
  Result<std::unique_ptr<api::TargetTables>> create(const api::Target& target,
                                                    uint32_t max_streams) override;
  Status attach(const api::Target& target) override;
  Status remove(const api::PinnedTarget& pins, api::Living living) override;

 private:
  PinDirectory directory_of(const api::Target& target) const { return {bpffs_, scope_of(target)}; }

  std::string bpffs_;
};

Result<std::vector<api::PinnedTarget>> LinuxTargets::pinned() {
  std::vector<api::PinnedTarget> found;
  if (bpffs_.empty()) return found;
  for (const TargetScope& scope : ZC_TRY(list_target_pins(bpffs_))) {
    api::PinnedTarget pins{{scope.kind, scope.id, ""}};
    const Status seen = inspect({bpffs_, scope}, pins);
    if (!seen && geteuid() != 0) return seen.error();
    if (!seen) {  // one odd directory must not stop work on the others
      pins.state = State::kDamaged;
      pins.why = seen.error().message;
    }
    found.push_back(pins);
  }
  return found;
}

Result<std::unique_ptr<api::TargetTables>> LinuxTargets::create(const api::Target& target,
                                                                uint32_t max_streams) {
  const TargetProgram program = ZC_TRY(TargetProgram::load(max_streams));
  const PinDirectory pins = directory_of(target);
  ZC_TRY(pins.remove());
  ZC_TRY(pins.make());
  ZC_TRY(program.pin_maps(pins));
  zc_meta meta{};
  meta.magic = ZC_ABI_MAGIC;
  meta.version = ZC_ABI_VERSION;
  meta.max_streams = max_streams;
  ZC_TRY(write_meta(pins, meta));
  ZC_TRY(write_target(pins, target));
  ZC_TRY(program.pin_programs(pins));
  return open_target_tables(pins);
}

Status LinuxTargets::attach(const api::Target& target) {
  const PinDirectory pins = directory_of(target);
  if (target.kind == ZC_TARGET_SOCKETS) return pins.mark(kMarkAttached);
  const std::string link_pin = pins.pin(PinDirectory::link(kConnect));
  if (unlink(link_pin.c_str()) != 0 && errno != ENOENT)  // one that somebody has taken off
    return system_error(errno, "cannot unpin " + link_pin);
  const Fd program = ZC_TRY(open_pin(pins.pin(PinDirectory::program(kConnect))));
  const Fd link = ZC_TRY(attach_sockops(program.get(), target));
  ZC_TRY(pins.pin_fd(link.get(), PinDirectory::link(kConnect)));
  return pins.mark(kMarkAttached);
}

Status LinuxTargets::remove(const api::PinnedTarget& pinned, api::Living living) {
  const PinDirectory pins = directory_of(pinned.target);
  if (pins.exists()) ZC_TRY(pins.unmark(kMarkAttached));
  const std::string link_pin = pins.pin(PinDirectory::link(kConnect));
  const Fd link(bpf_obj_get(link_pin.c_str()));
  if (!link && errno != ENOENT) return system_error(errno, "cannot open " + link_pin);
  if (link) ZC_TRY(detach_cgroup_link(link.get()));
  if (living == api::Living::kLetGo && pins.has("zc_sockhash")) ZC_TRY(let_all_go(pins));
  return pins.remove();
}

}  // namespace

std::unique_ptr<api::TargetSession> make_target_session(const std::string& bpffs) {
  return std::make_unique<LinuxTargets>(bpffs);
}

}  // namespace zc::kern
