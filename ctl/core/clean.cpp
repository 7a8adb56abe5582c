// SPDX-License-Identifier: GPL-2.0-only
#include "core/commands.h"
#include "core/neighbours.h"
#include "core/pace.h"
#include "core/state.h"
#include "core/target_commands.h"

namespace zc::core {
namespace {

using State = api::PinnedDevice::State;

// Stages that no pins here belong to, but for those of a zcctl whose pins are elsewhere (in another
// bpffs): its rules are in force and need their stage.
Result<std::vector<uint32_t>> abandoned_stages(api::Host& host, api::Reader& reader) {
  std::vector<uint32_t> abandoned;
  for (const uint32_t ifindex : ZC_TRY(reader.stray_stages())) {
    const bool there = !host.device_name(ifindex).empty();
    if (!there || !ZC_TRY(find_lost_zcctl(reader, ifindex))) abandoned.push_back(ifindex);
  }
  return abandoned;
}

// Why a target that is whole is of no use any more; empty: it is. Rules of a process's connections
// take none that come. A cgroup's do, also while it has none.
Result<std::string> why_ended(api::TargetReader& reader, const api::PinnedTarget& pins) {
  const bool sockets = pins.target.kind == ZC_TARGET_SOCKETS;
  return std::string(sockets && ZC_TRY(reader.taken(pins)).empty() ? kConnectionsGone : "");
}

Status prepare_targets(api::TargetReader& reader, bool force, CleanReport& report) {
  for (api::PinnedTarget& pins : ZC_TRY(reader.pinned())) {
    if (pins.state == api::PinnedTarget::State::kLive) {
      pins.why = ZC_TRY(why_ended(reader, pins));
      if (pins.why.empty()) continue;
    }
    if (pins.must_be_forced() && !force)
      report.targets_kept.push_back(pins);
    else
      report.targets_removed.push_back(ZC_TRY(read_target_trouble(reader, pins)));
  }
  return ok();
}

// What is to become of each; nothing is changed.
Result<CleanReport> prepare(api::Host& host, api::Reader& reader, bool force) {
  CleanReport report;
  for (const api::PinnedDevice& pins : ZC_TRY(reader.pinned())) {
    if (pins.state == State::kOlder && pins.here && !force)
      report.taken_over.push_back(pins);
    else if (pins.state == State::kLeftover || pins.state == State::kDetached ||
             (force && pins.state != State::kLive))
      report.removed.push_back(ZC_TRY(read_trouble(reader, pins)));
    else if (pins.state != State::kLive)
      report.kept.push_back(pins);
  }
  report.stages = ZC_TRY(abandoned_stages(host, reader));
  ZC_TRY(prepare_targets(reader.targets(), force, report));
  return report;
}

// A take-over that fails is told at the end: it keeps nobody from what else there is to do.
Status carry_out(api::Session& session, const CleanReport& report) {
  for (const api::PinnedDevice& pins : report.removed)
    ZC_TRY(session.remove(pins));
  for (const TargetTrouble& pins : report.targets_removed)
    ZC_TRY(session.targets().remove(pins, api::Living::kStayFramed));
  for (const uint32_t ifindex : report.stages)
    ZC_TRY(session.remove_stage(ifindex));
  Status taken = ok();
  for (const api::PinnedDevice& pins : report.taken_over) {
    Status each = session.take_over(pins);
    if (taken) taken = std::move(each);
  }
  for (const api::PinnedDevice& pins : ZC_TRY(session.pinned())) {
    if (pins.state != State::kLive || !pins.here) continue;
    const auto tables = ZC_TRY(session.open(pins));
    ZC_TRY(settle_pace(session, pins, *tables));
  }
  return taken;
}

}  // namespace

Result<CleanReport> clean(api::Host& host, bool force, Run run) {
  if (run == Run::kDry) return prepare(host, *ZC_TRY(host.read(api::ReadLock::kShared)), force);
  const auto session = ZC_TRY(host.change());
  CleanReport report = ZC_TRY(prepare(host, *session, force));
  ZC_TRY(carry_out(*session, report));
  return report;
}

}  // namespace zc::core
