// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent_tables.h"
#include "attachment.h"
#include "bpffs.h"
#include "device.h"
#include "egress_chain.h"
#include "inspect.h"
#include "kern/netns.h"
#include "meta.h"
#include "netlink.h"
#include "pace.h"
#include "pace_qdisc.h"
#include "pins.h"
#include "program.h"
#include "sockets.h"
#include "stage.h"
#include "tables.h"
#include "takeover.h"
#include "target_session.h"

namespace zc::kern {
namespace {

class LinuxSession final : public api::Session {
 public:
  // `bpffs` empty: none is mounted, so there are no pins. `lock` is held as long as this lives.
  LinuxSession(Bpffs bpffs, Fd lock, bool changes)
      : folder_(std::move(bpffs.folder)),
        bpffs_(std::move(bpffs.path)),
        targets_(make_target_session(bpffs_)),
        lock_(std::move(lock)),
        changes_(changes) {}

  void remove_remains() const { kern::remove_remains(bpffs_); }

  Result<std::vector<api::PinnedDevice>> pinned() override;
  Result<std::unique_ptr<api::Tables>> read(const api::PinnedDevice& pins) override {
    const PinDirectory directory = directory_of(pins);
    return std::unique_ptr<api::Tables>(
        ZC_TRY(changes_ ? open_for_change(directory) : open_tables(directory)));
  }
  Result<std::vector<api::ReceiverStatus>> receivers(const api::PinnedDevice& pins) override {
    return read_receivers(directory_of(pins));
  }
  Result<std::vector<uint32_t>> stacked(uint32_t ifindex) override {
    return stacked_devices(ifindex);
  }
  Result<uint32_t> working_stage(uint32_t ifindex) override { return kern::working_stage(ifindex); }
  Result<std::optional<api::PaceQueue>> pace_queue(uint32_t ifindex) override {
    return find_pace(ifindex);
  }
  Result<std::vector<api::HookEntry>> egress_chain(uint32_t ifindex) override;
  Result<std::vector<uint32_t>> stray_stages() override;

  Result<std::unique_ptr<api::WritableTables>> open(const api::PinnedDevice& pins) override;
  Result<std::unique_ptr<api::WritableTables>> create(const api::Device& device,
                                                      const api::CreateOptions& options) override;
  Status take_over(const api::PinnedDevice& pins) override {
    return kern::take_over(bpffs_, scope_of(pins));
  }
  Status attach(const api::Device& device) override;
  Status make_stage(const api::Device& device) override;
  Result<zc_pace_kind> make_pace(const api::Device& device) override;
  Status set_rate(uint32_t ifindex, uint32_t rule_id, const zc_rule& rule) override;
  Status trim_pace(const api::PinnedDevice& pins, const std::set<uint32_t>& rules) override;
  Status remove(const api::PinnedDevice& pins) override;
  Status remove_stage(uint32_t ifindex) override {
    ZC_TRY(remove_pace(ifindex));
    return kern::remove_stage(ifindex);
  }
  Status set_segment(const api::ForeignSocket& socket, uint32_t bytes) override {
    return kern::set_segment(socket, bytes);
  }
  api::TargetSession& targets() override { return *targets_; }

 private:
  static Scope scope_of(const api::PinnedDevice& pins) { return {pins.netns_cookie, pins.ifindex}; }
  PinDirectory directory_of(const api::PinnedDevice& pins) const {
    return {bpffs_, scope_of(pins)};
  }
  Result<PinDirectory> directory_of(const api::Device& device) const {
    return PinDirectory(bpffs_, Scope{ZC_TRY(netns_cookie()), device.ifindex});
  }

  Fd folder_;  // which `bpffs_` may lead through
  std::string bpffs_;
  std::unique_ptr<api::TargetSession> targets_;
  Fd lock_;
  bool changes_;
};

Result<std::vector<api::PinnedDevice>> LinuxSession::pinned() {
  if (bpffs_.empty()) return std::vector<api::PinnedDevice>();
  return inspect_pins(bpffs_);
}

Result<std::unique_ptr<api::WritableTables>> LinuxSession::open(const api::PinnedDevice& pins) {
  ZC_TRY(PinDirectory::beside(bpffs_, scope_of(pins)).remove());  // of a take-over that was killed
  const PinDirectory directory = directory_of(pins);
  if (pins.state == api::PinnedDevice::State::kLive) ZC_TRY(directory.mark(kMarkAttached));
  return open_for_change(directory);
}

Result<std::unique_ptr<api::WritableTables>> LinuxSession::create(
    const api::Device& device, const api::CreateOptions& options) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  ProgramConfig config;
  config.l2_bytes = ZC_TRY(api::l2_header_bytes(device));
  config.kern_ctx = has_kern_ctx();
  config.max_streams = options.max_streams;
  const EgressProgram program = ZC_TRY(EgressProgram::load(config));

  ZC_TRY(pins.remove());
  ZC_TRY(pins.make());
  ZC_TRY(program.pin_maps(pins));
  zc_meta meta = new_meta(device, options, ZC_TRY(netns_cookie()));
  ZC_TRY(give_cname(bpffs_, meta));
  ZC_TRY(write_meta(pins, meta));
  ZC_TRY(pins.pin_fd(program.program_fd(), PinDirectory::program(kEgress)));
  return std::unique_ptr<api::WritableTables>(ZC_TRY(open_tables(pins)));
}

Status LinuxSession::attach(const api::Device& device) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  zc_meta meta = ZC_TRY(read_meta(pins));
  // Written down before it is made: a kill in between leaves a note, not a stray qdisc.
  if (meta.hook == ZC_HOOK_CLSACT && !ZC_TRY(has_clsact(device.ifindex))) {
    meta.clsact_ours = 1;
    ZC_TRY(write_meta(pins, meta));
  }
  ZC_TRY(attach_egress(pins, device.ifindex));
  return pins.mark(kMarkAttached);
}

Status LinuxSession::make_stage(const api::Device& device) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  zc_meta meta = ZC_TRY(read_meta(pins));
  meta.stage = ZC_TRY(kern::make_stage(device));
  return write_meta(pins, meta);
}

Result<zc_pace_kind> LinuxSession::make_pace(const api::Device& device) {
  const PinDirectory pins = ZC_TRY(directory_of(device));
  zc_meta meta = ZC_TRY(read_meta(pins));
  const api::PaceQueue queue = ZC_TRY(kern::make_pace(device, pins));
  meta.pace_kind = queue.kind;
  meta.pace = queue.ifindex;
  ZC_TRY(write_meta(pins, meta));
  return queue.kind;
}

Status LinuxSession::set_rate(uint32_t ifindex, uint32_t rule_id, const zc_rule& rule) {
  const std::optional<api::PaceQueue> queue = ZC_TRY(find_pace(ifindex));
  if (!queue) return failed_error("the queue for --rate has gone");
  if (queue->kind != ZC_PACE_KIND_HTB) return ok();
  return set_pace_class(queue->ifindex, rule_id, rule.options.rate_bps, rule.match.family);
}

// The program is told first, and nobody is on the way there any more when the device goes.
Status LinuxSession::trim_pace(const api::PinnedDevice& pinned, const std::set<uint32_t>& rules) {
  const std::optional<api::PaceQueue> queue = ZC_TRY(find_pace(pinned.ifindex));
  if (queue && !rules.empty()) return kern::trim_pace(*queue, rules);
  if (!rules.empty()) return ok();
  ZC_TRY(stop_pacing(directory_of(pinned)));
  if (!queue) return ok();
  ZC_TRY(kern::remove_pace(pinned.ifindex));
  return forget_waiting(directory_of(pinned));
}

Result<std::vector<api::HookEntry>> LinuxSession::egress_chain(uint32_t ifindex) {
  std::vector<uint32_t> ours;
  if (!bpffs_.empty()) {
    const Scope scope{ZC_TRY(netns_cookie()), ifindex};
    ours = ZC_TRY(egress_programs({bpffs_, scope}, PinDirectory::beside(bpffs_, scope)));
  }
  return kern::egress_chain(ifindex, ours);
}

Result<std::vector<uint32_t>> LinuxSession::stray_stages() {
  const uint64_t cookie = ZC_TRY(netns_cookie());
  std::vector<uint32_t> strays, devices = ZC_TRY(staged_devices());
  for (const uint32_t ifindex : ZC_TRY(paced_devices())) {
    if (std::ranges::find(devices, ifindex) == devices.end()) devices.push_back(ifindex);
  }
  for (const uint32_t ifindex : devices) {
    if (bpffs_.empty() || !PinDirectory(bpffs_, Scope{cookie, ifindex}).exists())
      strays.push_back(ifindex);
  }
  return strays;
}

// Stage and queue of a device that moved stay where they were made. What cannot be reached from
// here `clean` finds there.
void remove_in(uint64_t netns_cookie, uint32_t ifindex, Status (&remove_link)(uint32_t)) {
  in_each_netns([&](uint64_t cookie) {
    if (cookie == netns_cookie) (void)remove_link(ifindex);
  });
}

Status LinuxSession::remove(const api::PinnedDevice& pinned) {
  const PinDirectory pins = directory_of(pinned);
  const PinDirectory beside = PinDirectory::beside(bpffs_, scope_of(pinned));
  if (pinned.state != api::PinnedDevice::State::kLeftover && !pinned.here &&
      !ZC_TRY(egress_link_pin(pins)))
    return failed_error("pins of device index " + std::to_string(pinned.ifindex) +
                            " are of another network namespace, where their filter may still hang",
                        "zcctl -n NETNS clean --force");
  if (pins.exists()) ZC_TRY(pins.unmark(kMarkAttached));
  ZC_TRY(restore_all_sockets(pins));
  // Of a take-over that was killed the program may look at either.
  ZC_TRY(stop_cutting(beside));
  ZC_TRY(stop_cutting(pins));
  // What waits would leave bare once the program is off: it goes before.
  ZC_TRY(stop_pacing(beside));
  ZC_TRY(stop_pacing(pins));
  if (pinned.here)
    ZC_TRY(kern::remove_pace(pinned.ifindex));
  else
    remove_in(pinned.netns_cookie, pinned.ifindex, kern::remove_pace);
  // Now the link: from here on nothing is attached, and what is left counts as leftover.
  ZC_TRY(detach_link(pins));
  const bool device_here = pinned.here && !device_name(pinned.ifindex).empty();
  if (device_here) ZC_TRY(detach_filter(pins, beside, pinned.ifindex));
  if (pinned.here)
    ZC_TRY(kern::remove_stage(pinned.ifindex));
  else
    remove_in(pinned.netns_cookie, pinned.ifindex, kern::remove_stage);
  ZC_TRY(beside.remove());
  return pins.remove();
}

// Empty where somebody else has the lock, or there is nothing to lock.
Result<std::unique_ptr<LinuxSession>> try_open_locked() {
  Bpffs bpffs = ZC_TRY(open_bpffs(Mount::kNever));
  if (bpffs.path.empty()) return std::unique_ptr<LinuxSession>();
  Fd held = ZC_TRY(try_lock_bpffs(bpffs.path));
  if (!held) return std::unique_ptr<LinuxSession>();
  return std::make_unique<LinuxSession>(std::move(bpffs), std::move(held), true);
}

Result<std::unique_ptr<LinuxSession>> open_locked(Mount mount, bool locks, Lock lock) {
  Bpffs bpffs = ZC_TRY(open_bpffs(mount));
  Fd held;
  if (locks && !bpffs.path.empty()) held = ZC_TRY(lock_bpffs(bpffs.path, lock));
  return std::make_unique<LinuxSession>(std::move(bpffs), std::move(held),
                                        lock == Lock::kExclusive);
}

}  // namespace

Result<std::unique_ptr<api::Reader>> open_reader(api::ReadLock lock) {
  return std::unique_ptr<api::Reader>(
      ZC_TRY(open_locked(Mount::kNever, lock == api::ReadLock::kShared, Lock::kShared)));
}

Result<std::unique_ptr<api::Session>> try_open_session() {
  return std::unique_ptr<api::Session>(ZC_TRY(try_open_locked()));
}

Result<std::unique_ptr<api::Session>> open_session() {
  auto session = ZC_TRY(open_locked(Mount::kIfMissing, true, Lock::kExclusive));
  session->remove_remains();
  return std::unique_ptr<api::Session>(std::move(session));
}

}  // namespace zc::kern
