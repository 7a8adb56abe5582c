// SPDX-License-Identifier: GPL-2.0-only
// How a device's streams read as text: a line each where there are few, totals and the busiest ones
// where there are many. Knows no rule.
#pragma once

#include <string>
#include <vector>

#include "api/tables.h"
#include "out/view.h"

namespace zc::out {

// With kBusiest the last line says how many are left out, and what shows them.
std::string streams_text(const std::vector<api::StreamEntry>& streams, Streams which);

}  // namespace zc::out
