// SPDX-License-Identifier: GPL-2.0-only
// Rules of other devices that the same packets meet, and other programs on a device's hook. Asks a
// Reader; changes nothing.
#pragma once

#include <optional>
#include <vector>

#include "api/host.h"
#include "core/commands.h"

namespace zc::core {

// What packets meet before our program.
Result<std::vector<api::HookEntry>> before_ours(api::Reader& reader, uint32_t ifindex);

// A program of zcctl's on the device that no pins here know. Waits half a second for one to go: the
// kernel detaches a link whose last pin was removed a moment later, in a thread of its own.
Result<std::optional<api::HookEntry>> find_lost_zcctl(api::Reader& reader, uint32_t ifindex);

// kExists where a program of zcctl's hangs on the device that no pins here know: two would stamp
// each packet twice, or the second one drop what the first has made.
Status check_alone(api::Reader& reader, const api::Device& device);

// Which of these matches of a device overlap with rules of a device above or below it.
Result<std::vector<Doubled>> find_doubled(api::Host& host, api::Reader& reader, uint32_t ifindex,
                                          const std::vector<Match>& matches);

}  // namespace zc::core
