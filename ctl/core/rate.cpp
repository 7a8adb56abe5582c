// SPDX-License-Identifier: GPL-2.0-only
// What streams send: two looks, and the time between them.
#include <algorithm>
#include <map>

#include "core/commands.h"

namespace zc::core {
namespace {

bool any_sends(const HostStatus& status) {
  const auto has_sender = [](const auto& owner) {
    return std::ranges::any_of(owner.streams, [](const StreamStatus& stream) {
      return stream.age_ns && *stream.age_ns < kSendsNs;
    });
  };
  return std::ranges::any_of(status.devices, has_sender) ||
         std::ranges::any_of(status.targets, has_sender);
}

// One that has begun since has sent all that it has.
void add_rates(std::vector<StreamStatus>& streams, const std::vector<StreamStatus>& before,
               uint64_t elapsed_ns) {
  std::map<uint32_t, const StreamStatus*> by_slot;
  for (const StreamStatus& old : before)
    by_slot[old.slot] = &old;
  for (StreamStatus& now : streams) {
    const auto old = by_slot.find(now.slot);
    const bool same = old != by_slot.end() && old->second->stream.ssrc == now.stream.ssrc &&
                      old->second->stream.octets <= now.stream.octets;
    const uint64_t octets = now.stream.octets - (same ? old->second->stream.octets : 0);
    now.rate_bps = static_cast<uint64_t>(static_cast<double>(octets) * 8e9 /
                                         static_cast<double>(std::max<uint64_t>(elapsed_ns, 1)));
  }
}

}  // namespace

Result<HostStatus> status_over(api::Host& host, const std::string& dev,
                               std::chrono::milliseconds over) {
  HostStatus first = ZC_TRY(status(host, dev));
  if (over.count() == 0 || !any_sends(first)) return first;
  host.wait(over);
  HostStatus second = ZC_TRY(status(host, dev));
  for (DeviceStatus& device : second.devices) {
    for (const DeviceStatus& before : first.devices) {
      if (before.dev == device.dev)
        add_rates(device.streams, before.streams, device.looked_ns - before.looked_ns);
    }
  }
  for (TargetStatus& target : second.targets) {
    for (const TargetStatus& before : first.targets) {
      if (before.target == target.target)
        add_rates(target.streams, before.streams, target.looked_ns - before.looked_ns);
    }
  }
  return second;
}

}  // namespace zc::core
