// SPDX-License-Identifier: GPL-2.0-only
// The tables of one target through their pins. Beside tables.h, a device's: rules, counters and
// slots are the same maps; a stream is found by its connection, and ends with it.
#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "api/target.h"
#include "base/result.h"
#include "pins.h"

namespace zc::kern {

// kFailed where a map is missing or its sizes are not ours.
Status check_target_layout(const PinDirectory& pins);

Result<std::unique_ptr<api::TargetTables>> open_target_tables(const PinDirectory& pins);
// Of a target of sockets: connections that were closed end their streams, which nobody else does,
// and so does what a killed zcctl left half taken. Needs the lock for changes.
Status end_closed(const PinDirectory& pins);

// Lets all connections go: each is framed to the end of its open frame.
Status let_all_go(const PinDirectory& pins);

// The cookies of the sockets whose connections are framed.
Result<std::set<uint64_t>> taken_sockets(const PinDirectory& pins);

// Whose pins these are. The path is empty where it cannot be read.
Result<zc_target> read_target(const PinDirectory& pins);
Status write_target(const PinDirectory& pins, const api::Target& target);

}  // namespace zc::kern
