// SPDX-License-Identifier: GPL-2.0-only
// The tables of one device through their pins: a Datapath on the real kernel.
#pragma once

#include <memory>

#include "api/host.h"
#include "map.h"
#include "pins.h"

namespace zc::kern {

// kFailed where a map is missing or its sizes are not ours.
Status check_layout(const PinDirectory& pins);
Result<zc_meta> read_meta(const PinDirectory& pins);
Status write_meta(const PinDirectory& pins, const zc_meta& meta);

// No super-packet goes to the stage any more, and none of its pieces is on the way back, when it
// returns: a program that is detached before that would let them out half made.
Status stop_cutting(const PinDirectory& pins);
// Gives the sockets of all rules their old segment size back.
Status restore_all_sockets(const PinDirectory& pins);

// Opens all maps of a pin directory. With kChange it also puts right what a killed zcctl left
// half done inside: streams without a rule, slots without a stream.
Result<std::unique_ptr<api::Datapath>> open_tables(const PinDirectory& pins, api::Access access);

}  // namespace zc::kern
