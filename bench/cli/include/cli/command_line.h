// SPDX-License-Identifier: GPL-2.0-only
// The command line of zcctl-bench, which `zcctl bench` starts.
#pragma once

namespace zc::bench::cli {

// Runs what the words ask for, prints its error if it has one, and returns the exit code
// (docs/interface.md).
int run_command_line(int argc, char** argv);

}  // namespace zc::bench::cli
