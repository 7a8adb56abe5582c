// SPDX-License-Identifier: GPL-2.0-only
// How a device's streams read as text: a line each where there are few, totals and the busiest ones
// where there are many. Knows no rule.
#pragma once

#include <string>
#include <vector>

#include "core/commands.h"
#include "out/view.h"

namespace zc::out {

// With kBusiest the last line says how many are left out, and what shows them.
std::string streams_text(const std::vector<core::StreamStatus>& streams, Streams which);

// What the streams of a rule send together; empty where nobody looked twice.
std::string rates_text(const std::vector<core::StreamStatus>& streams, uint32_t rule);
std::string bit_rate_text(uint64_t bps);  // "5.012 Mb/s"

}  // namespace zc::out
