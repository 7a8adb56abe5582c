// SPDX-License-Identifier: GPL-2.0-only
// What leaves the program: stdout for results, stderr for errors.
#pragma once

#include <string>

#include "base/result.h"

namespace zc::bench::cli {

// Writes to stdout. A full disk or a closed pipe is an error like any other.
Status print(const std::string& text);
// Writes to stderr: the detail if there is one, "zcctl: MESSAGE", and the hint if there is one.
void report(const Error& error);

}  // namespace zc::bench::cli
