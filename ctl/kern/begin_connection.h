// SPDX-License-Identifier: GPL-2.0-only
// How a stream and its connection begin, as zc_connect has it (bpf/rtp/stream.h,
// bpf/connect/connection.h): for connections that were there before their rule.
#pragma once

#include <cstdint>

#include "api/target.h"
#include "zc/abi.h"

namespace zc::kern {

// SSRC and first values: random unless the rule says them (RFC 3550 5.1). All but `state`.
void begin_stream(zc_stream& stream, uint32_t rule_id, const zc_rule& rule);

// Where its stream of bytes is before the first of them, and what its frames will look like.
zc_connection begin_connection(uint32_t slot, uint32_t rule_id, const api::FramedRule& rule,
                               const zc_stream& stream);

// This host's end is the source.
zc_connected connected_of(const api::Connection& connection);

}  // namespace zc::kern
