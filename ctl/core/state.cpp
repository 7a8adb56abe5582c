// SPDX-License-Identifier: GPL-2.0-only
#include "core/state.h"

namespace zc::core {

Result<DeviceState> read_state(api::Reader& reader, uint32_t ifindex) {
  DeviceState state;
  for (const api::PinnedDevice& pins : ZC_TRY(reader.pinned())) {
    if (pins.here && pins.ifindex == ifindex) state.pins = pins;
  }
  if (!state.holds_rules()) return state;
  const auto tables = ZC_TRY(reader.read(*state.pins));
  state.meta = tables->meta();
  // One that somebody took away, or that no longer cuts, is none: attach makes or mends it.
  if (state.meta.stage != ZC_TRY(reader.working_stage(ifindex))) state.meta.stage = 0;
  state.rules = ZC_TRY(tables->rules());
  state.pace = ZC_TRY(reader.pace_queue(ifindex));
  return state;
}

Result<Trouble> read_trouble(api::Reader& reader, const api::PinnedDevice& pins) {
  using State = api::PinnedDevice::State;
  Trouble trouble{pins};
  if (pins.state != State::kLeftover && pins.state != State::kDetached) return trouble;
  const auto tables = reader.read(pins);
  if (!tables) return trouble;  // half made, or half removed
  trouble.meta = (*tables)->meta();
  trouble.dev = trouble.meta.dev;
  for (const api::RuleEntry& entry : ZC_TRY((*tables)->rules()))
    trouble.rules.push_back(entry.rule);
  return trouble;
}

Result<std::vector<StreamStatus>> read_streams(api::Tables& tables, uint64_t now_ns) {
  std::vector<StreamStatus> streams;
  for (const api::StreamEntry& entry : ZC_TRY(tables.streams())) {
    StreamStatus& stream = streams.emplace_back(entry);
    // A packet may have come since.
    stream.age_ns = now_ns > entry.stream.last_ns ? now_ns - entry.stream.last_ns : 0;
  }
  return streams;
}

Result<uint32_t> resolve_device(api::Host& host, api::Reader& reader, const std::string& name) {
  auto device = host.device(name);
  if (device) return device->ifindex;
  if (device.error().kind != ErrorKind::kNotFound) return std::move(device).error();
  for (const api::PinnedDevice& pins : ZC_TRY(reader.pinned())) {
    if (!pins.here || !host.device_name(pins.ifindex).empty()) continue;
    const auto tables = reader.read(pins);
    if (tables && (*tables)->meta().dev == name) return pins.ifindex;
  }
  return std::move(device).error();
}

}  // namespace zc::core
