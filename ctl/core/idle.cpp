// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include "core/commands.h"

namespace zc::core {
namespace {

using State = api::PinnedDevice::State;

constexpr uint64_t kNsPerSecond = 1'000'000'000;

Result<bool> has_idle_streams(api::Tables& tables, uint64_t now_ns) {
  std::map<uint32_t, uint64_t> idle_ns;  // by rule
  for (const api::RuleEntry& entry : ZC_TRY(tables.rules())) {
    if (entry.rule.options.idle_s != 0)
      idle_ns[entry.id] = entry.rule.options.idle_s * kNsPerSecond;
  }
  if (idle_ns.empty()) return false;
  return std::ranges::any_of(ZC_TRY(tables.streams()), [&](const api::StreamEntry& entry) {
    const auto idle = idle_ns.find(entry.stream.rule);
    return idle != idle_ns.end() && now_ns > entry.stream.last_ns + idle->second;
  });
}

Result<bool> any_is_idle(api::Host& host) {
  const auto reader = ZC_TRY(host.read(api::ReadLock::kNone));
  for (const api::PinnedDevice& pins : ZC_TRY(reader->pinned())) {
    if (pins.state != State::kLive || !pins.here) continue;
    const auto tables = reader->read(pins);
    if (tables && ZC_TRY(has_idle_streams(**tables, host.now_ns()))) return true;
  }
  return false;
}

}  // namespace

Status end_idle_streams(api::Host& host) {
  if (!ZC_TRY(any_is_idle(host))) return ok();
  const auto session = ZC_TRY(host.try_change());
  if (!session) return ok();
  for (const api::PinnedDevice& pins : ZC_TRY(session->pinned())) {
    if (pins.state == State::kLive && pins.here)
      ZC_TRY(session->open(pins));  // which looks for them
  }
  return ok();
}

}  // namespace zc::core
