// SPDX-License-Identifier: GPL-2.0-only
// zcctl-bench: what `zcctl bench` starts. All it does is in the layers below.
#include "cli/command_line.h"

int main(int argc, char** argv) {
  return zc::bench::cli::run_command_line(argc, argv);
}
