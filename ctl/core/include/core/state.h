// SPDX-License-Identifier: GPL-2.0-only
// What is pinned for one device. Shared by the commands of ctl/core.
#pragma once

#include "api/host.h"
#include "core/commands.h"
#include "core/plan.h"

namespace zc::core {

// Pins of this namespace's device with that index.
Result<DeviceState> read_state(api::Reader& reader, uint32_t ifindex);

// What pins that are not live still hold, as far as it can be read.
Result<Trouble> read_trouble(api::Reader& reader, const api::PinnedDevice& pins);

// The streams with their age; whose they are does not matter.
Result<std::vector<StreamStatus>> read_streams(api::Tables& tables, uint64_t now_ns);

// The index of a device by name; of one that is gone, by the name its pins remember. kNotFound
// where neither is there.
Result<uint32_t> resolve_device(api::Host& host, api::Reader& reader, const std::string& name);

}  // namespace zc::core
