// SPDX-License-Identifier: GPL-2.0-only
#include "inspect.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "attachment.h"
#include "base/fd.h"
#include "bpffs.h"
#include "device.h"
#include "hook.h"
#include "kern/netns.h"
#include "meta.h"
#include "pins.h"
#include "tables.h"
#include "takeover.h"

namespace zc::kern {
namespace {

using State = api::PinnedDevice::State;

constexpr const char* kHalfDone = "it was left half done";

// What there is to know beside one scope's pins.
struct Surroundings {
  std::string bpffs;
  uint64_t cookie = 0;  // of the current namespace
  LivingNamespaces living;

  bool lives(const Scope& scope) const {
    return !living.complete || living.cookies.contains(scope.netns_cookie);
  }
};

// Did the device that a link of another namespace's pins holds on to come here?
Result<bool> has_come_here(const TcxLink& link) {
  if (link.ifindex == 0 || device_name(link.ifindex).empty()) return false;
  const std::vector<TcxProgram> programs = ZC_TRY(tcx_programs(link.ifindex));
  return std::ranges::any_of(programs, [&](auto& tcx) { return tcx.program == link.program; });
}

// Why a program does not see the packets of its device, or of the one that the pins mean; empty
// where it does.
struct Off {
  std::string why;
  bool moved = false;  // it does, and elsewhere
  uint32_t here_as = 0;
};

// A link whose device is gone has none; that of a device that moved still holds on to it.
Result<Off> why_link_is_off(const std::string& path, bool here, bool device_gone) {
  const Fd pinned(bpf_obj_get(path.c_str()));
  if (!pinned) return system_error(errno, "cannot open " + path);
  const TcxLink link = ZC_TRY(tcx_link(pinned.get()));
  if (link.ifindex == 0)
    return Off{device_gone ? "its device is gone" : "its program is not attached"};
  if (device_gone)
    return Off{"its device moved to another network namespace, where its program goes on", true};
  if (!here && ZC_TRY(has_come_here(link)))
    return Off{"its device moved to this network namespace, where it is " +
                   device_name(link.ifindex) + " and its program goes on",
               true, link.ifindex};
  return Off{};
}

// Why a program of either hook does not see packets; empty where it does.
Result<Off> why_detached(const Surroundings& around, const Scope& scope) {
  const PinDirectory pins(around.bpffs, scope);
  const bool here = scope.netns_cookie == around.cookie;
  const bool device_gone = here && device_name(scope.ifindex).empty();
  if (const auto link = ZC_TRY(egress_link_pin(pins))) {
    Off off = ZC_TRY(why_link_is_off(*link, here, device_gone));
    return !off.why.empty() || pins.has(kPinMeta) ? off : Off{kHalfDone};
  }
  if (!pins.has(kPinMeta) || !ZC_TRY(egress_program_pin(pins))) return Off{kHalfDone};
  if (!around.lives(scope)) return Off{"its network namespace is gone"};
  if (device_gone) return Off{"its device is gone"};
  if (!here) return Off{};  // a clsact attachment can be seen from inside only
  const PinDirectory beside = PinDirectory::beside(around.bpffs, scope);
  const bool ours = ZC_TRY(holds_filter(pins, beside, scope.ifindex));
  return Off{ours ? "" : "its program is not attached"};
}

// Is all of it there, its device too, and only the program taken off? A device of another name may
// be another one that got the index of one that is gone.
Result<bool> can_hang_again(const PinDirectory& pins, const Scope& scope, bool here) {
  if (!here || !pins.has(kMarkAttached) || device_name(scope.ifindex).empty()) return false;
  if (!ZC_TRY(egress_program_pin(pins)) || !pins.has(kPinMeta)) return false;
  const MetaHead head = ZC_TRY(read_meta_head(pins));
  if (!head.is_zcctl() || head.version != ZC_ABI_VERSION || !check_layout(pins)) return false;
  return ZC_TRY(read_meta(pins)).dev == device_name(scope.ifindex);
}

// Tells whose the attached pins are. `found` is live so far.
Status tell_version(const PinDirectory& pins, api::PinnedDevice& found) {
  const MetaHead head = ZC_TRY(read_meta_head(pins));
  const bool ours = head.is_zcctl() && head.version == ZC_ABI_VERSION;
  const bool older = head.is_zcctl() && can_take_over(head.version);
  if (!ours) {
    found.state = older ? State::kOlder : State::kOtherVersion;
    found.why = head.is_zcctl() ? "its pins have layout " + std::to_string(head.version) +
                                      ", this zcctl knows layout " + std::to_string(ZC_ABI_VERSION)
                                : "its pins are not zcctl's";
  }
  if (!ours && !older) return ok();
  Status layout = check_layout(pins);
  if (layout) return ok();
  if (layout.error().system_errno == EROFS) return layout;
  found.state = State::kDamaged;
  found.why = layout.error().message;
  return ok();
}

Result<api::PinnedDevice> inspect(const Surroundings& around, const Scope& scope) {
  api::PinnedDevice found{scope.netns_cookie, scope.ifindex, scope.netns_cookie == around.cookie,
                          State::kLive, ""};
  Off off = ZC_TRY(why_detached(around, scope));
  found.why = std::move(off.why);
  found.moved = off.moved;
  found.here_as = off.here_as;
  const PinDirectory pins(around.bpffs, scope);
  if (found.why.empty())
    ZC_TRY(tell_version(pins, found));
  else
    found.state =
        ZC_TRY(can_hang_again(pins, scope, found.here)) ? State::kDetached : State::kLeftover;
  return found;
}

Result<std::vector<api::PinnedDevice>> inspect_all(const Surroundings& around,
                                                   const std::vector<Scope>& scopes) {
  std::vector<api::PinnedDevice> found;
  for (const Scope& scope : scopes) {
    auto pins = inspect(around, scope);
    if (!pins && pins.error().system_errno == EROFS) return read_only(around.bpffs);
    if (!pins && geteuid() != 0) return std::move(pins).error();
    // One odd directory must not stop work on the others.
    found.push_back(pins ? *pins
                         : api::PinnedDevice{scope.netns_cookie, scope.ifindex,
                                             scope.netns_cookie == around.cookie, State::kDamaged,
                                             pins.error().message});
  }
  return found;
}

}  // namespace

Result<std::vector<api::PinnedDevice>> inspect_pins(const std::string& bpffs) {
  const std::vector<Scope> scopes = ZC_TRY(list_pins(bpffs));
  if (scopes.empty()) return std::vector<api::PinnedDevice>();
  Surroundings around{bpffs, ZC_TRY(netns_cookie()), {}};
  const bool foreign = std::any_of(scopes.begin(), scopes.end(), [&](const Scope& scope) {
    return scope.netns_cookie != around.cookie;
  });
  around.living =
      foreign ? ZC_TRY(living_netns_cookies()) : LivingNamespaces{{around.cookie}, true};
  return inspect_all(around, scopes);
}

Result<std::vector<api::PinnedDevice>> inspect_pins_here(const std::string& bpffs) {
  const uint64_t cookie = ZC_TRY(netns_cookie());
  std::vector<Scope> scopes = ZC_TRY(list_pins(bpffs));
  std::erase_if(scopes, [&](const Scope& scope) { return scope.netns_cookie != cookie; });
  return inspect_all({bpffs, cookie, {{cookie}, true}}, scopes);
}

}  // namespace zc::kern
