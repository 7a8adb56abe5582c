// SPDX-License-Identifier: GPL-2.0-only
// The tables of one device through their pins: a WritableTables on the real kernel.
#pragma once

#include <memory>

#include "api/tables.h"
#include "map.h"
#include "pins.h"

namespace zc::kern {

// kFailed where a map is missing or its sizes are not ours.
Status check_layout(const PinDirectory& pins);

// Gives the sockets of all rules their old segment size back.
Status restore_all_sockets(const PinDirectory& pins);

// Opens all maps of a pin directory, of this layout or of an older one whose maps are the same.
Result<std::unique_ptr<api::WritableTables>> open_tables(const PinDirectory& pins);
// Puts right, too, what a killed zcctl left half done inside: streams without a rule, slots
// without a stream. Needs the lock for changes.
Result<std::unique_ptr<api::WritableTables>> open_for_change(const PinDirectory& pins);

}  // namespace zc::kern
