// SPDX-License-Identifier: GPL-2.0-only
// One run of another program as a whole: its CPU time, and what came out of it.
#pragma once

#include "env/transport_stream.h"
#include "single_run.h"

namespace zc::bench {

// `wanted_packets`: what an inspected run of the same file found; that many must leave. With
// Look::kInspect every packet is looked at, and `outcome.sample.packets` says how many there were.
RunOutcome run_program(Environment& environment, const Method& method, const TransportStream& file,
                       Look look, uint64_t wanted_packets, double limit_seconds);

}  // namespace zc::bench
