// SPDX-License-Identifier: GPL-2.0-only
// How a stream's RTP clock goes on where its rule gets another one. Pure.
#pragma once

#include <cstdint>

#include "zc/abi.h"

namespace zc::kern {

// The ts_base by which the stream's clock says under `after` what it says now under `before`.
// `now_ns` is CLOCK_MONOTONIC.
uint32_t rebase(const zc_stream& stream, const zc_options& before, const zc_options& after,
                uint64_t now_ns);

}  // namespace zc::kern
