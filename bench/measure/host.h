// SPDX-License-Identifier: GPL-2.0-only
// The machine that a result belongs to.
#pragma once

#include "results/results.h"

namespace zc::bench {

// What cannot be found out stays empty. Call it in the host's own namespaces.
HostRecord record_host();
// The one this process was started with, arguments divided by blanks.
std::string command_line();

}  // namespace zc::bench
