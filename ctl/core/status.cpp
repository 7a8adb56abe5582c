// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/printable.h"
#include "core/commands.h"
#include "core/neighbours.h"
#include "core/state.h"
#include "core/target.h"
#include "core/target_commands.h"

namespace zc::core {
namespace {

using State = api::PinnedDevice::State;

Result<DeviceStatus> read_device(api::Host& host, api::Reader& reader,
                                 const api::PinnedDevice& pins) {
  const auto tables = ZC_TRY(reader.read(pins));
  DeviceStatus status;
  status.dev = host.device_name(pins.ifindex);
  status.meta = tables->meta();
  const uint32_t stage = ZC_TRY(reader.working_stage(pins.ifindex));
  if (stage == status.meta.stage) status.stage = host.device_name(stage);
  status.queue = ZC_TRY(reader.pace_queue(pins.ifindex));
  if (status.queue && status.queue->works && status.queue->ifindex == status.meta.pace)
    status.pace = host.device_name(status.meta.pace);
  status.rules = ZC_TRY(tables->rules());
  status.looked_ns = host.now_ns();
  status.streams = ZC_TRY(read_streams(*tables, status.looked_ns));
  status.before = ZC_TRY(before_ours(reader, pins.ifindex));
  std::vector<Match> matches;
  for (const api::RuleEntry& entry : status.rules)
    matches.push_back(to_match(entry.rule.match));
  status.doubled = ZC_TRY(find_doubled(host, reader, pins.ifindex, matches));
  status.findings = findings_of(status);
  status.receivers = ZC_TRY(reader.receivers(pins));
  return status;
}

// Of the newest stream of a rule that knows it; 0: none does.
Result<uint8_t> newest_ttl(api::Reader& reader, const api::PinnedDevice& pins, uint32_t rule) {
  const auto tables = ZC_TRY(reader.read(pins));
  zc_stream newest{};
  for (const api::StreamEntry& entry : ZC_TRY(tables->streams())) {
    const zc_stream& stream = entry.stream;
    if (stream.rule == rule && stream.ttl != 0 && stream.last_ns >= newest.last_ns) newest = stream;
  }
  return newest.ttl;
}

// Targets are the host's, whichever network namespace this is.
Status add_targets(api::Host& host, api::TargetReader& reader, const std::string& name,
                   HostStatus& status) {
  std::optional<api::Target> only;
  if (!name.empty()) only = ZC_TRY(resolve_target(host, reader, name));
  for (const api::PinnedTarget& pins : ZC_TRY(reader.pinned())) {
    if (only && !(pins.target == *only)) continue;
    if (pins.state == api::PinnedTarget::State::kLive)
      status.targets.push_back(ZC_TRY(read_target_status(host, reader, pins)));
    else
      status.target_troubles.push_back(ZC_TRY(read_target_trouble(reader, pins)));
  }
  std::ranges::sort(status.targets, {}, [](const auto& each) { return each.target.name(); });
  return ok();
}

}  // namespace

Result<HostStatus> status(api::Host& host, const std::string& dev, api::ReadLock lock) {
  const auto reader = ZC_TRY(host.read(lock));
  HostStatus status;
  if (dev.empty() || names_target(dev)) ZC_TRY(add_targets(host, reader->targets(), dev, status));
  if (names_target(dev)) return status;
  uint32_t only = 0;
  if (!dev.empty()) only = ZC_TRY(resolve_device(host, *reader, dev));
  for (const api::PinnedDevice& pins : ZC_TRY(reader->pinned())) {
    if (only != 0 && (!pins.here || pins.ifindex != only)) continue;
    if (pins.state != State::kLive)
      status.troubles.push_back(ZC_TRY(read_trouble(*reader, pins)));
    else if (pins.here)
      status.devices.push_back(ZC_TRY(read_device(host, *reader, pins)));
  }
  status.agent = host.agent();
  std::sort(status.devices.begin(), status.devices.end(),
            [](const DeviceStatus& a, const DeviceStatus& b) { return a.dev < b.dev; });
  return status;
}

Result<FoundRule> find_rule(api::Host& host, const std::string& dev, const Match& match) {
  const auto reader = ZC_TRY(host.read(api::ReadLock::kShared));
  const DeviceState state = ZC_TRY(read_state(*reader, ZC_TRY(resolve_device(host, *reader, dev))));
  for (const api::RuleEntry& entry : state.rules) {
    if (to_match(entry.rule.match) == match)
      return FoundRule{entry, ZC_TRY(newest_ttl(*reader, *state.pins, entry.id))};
  }
  return not_found_error(dev + " has no rule " + match.text(),
                         "`zcctl show " + shell_word(dev) + "` lists the rules");
}

}  // namespace zc::core
