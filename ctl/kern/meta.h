// SPDX-License-Identifier: GPL-2.0-only
// The only value of zc_meta: who made these pins, for what, and the stage.
#pragma once

#include <cstdint>

#include "api/device.h"
#include "api/session.h"
#include "base/result.h"
#include "pins.h"
#include "zc/abi.h"

namespace zc::kern {

// The first words of zc_meta, which keep their place in every layout.
struct MetaHead {
  uint32_t magic = 0;
  uint32_t version = 0;

  bool is_zcctl() const { return magic == ZC_ABI_MAGIC; }
};
// Reads the head of zc_meta, of any layout; zeros where the value is not even that long.
Result<MetaHead> read_meta_head(const PinDirectory& pins);

// Makes one without a stage, and with the clsact qdisc somebody else's.
zc_meta new_meta(const api::Device& device, const api::CreateOptions& options,
                 uint64_t netns_cookie);
// Gives it the CNAME that the network namespace's other devices have, or one that is new where none
// has: to a receiver all their streams are of one sender (RFC 3550 6.5.1). Needs the lock.
Status give_cname(const std::string& bpffs, zc_meta& meta);
// Both take those of an older layout, too, in whose shorter value what is new is missing.
Result<zc_meta> read_meta(const PinDirectory& pins);
Status write_meta(const PinDirectory& pins, const zc_meta& meta);

// No super-packet goes to the stage any more, and none of its pieces is on the way back, when it
// returns: a program that is detached before that would let them out half made.
Status stop_cutting(const PinDirectory& pins);
// Likewise no packet to the pace device.
Status stop_pacing(const PinDirectory& pins);

}  // namespace zc::kern
