// SPDX-License-Identifier: GPL-2.0-only
// A network and mount namespace of this process's own, so that a test leaves nothing on the
// machine, not even when it is killed. Knows nothing of zcctl.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace zc::test {

// What ctest takes for "skipped" (SKIP_RETURN_CODE).
constexpr int kExitSkipped = 77;

// Empty: all is well. Otherwise one line that says what is missing.
using Missing = std::optional<std::string>;

// Moves the process: new network namespace with lo up, private mounts, fresh /sys, an empty bpffs
// on /sys/fs/bpf, an empty /run/netns where there is one. Call it before any thread is made.
Missing enter_sandbox();

// The main() of a test binary: goes into the sandbox, asks `also_needed`, runs the tests. Where
// something is missing it says so and returns kExitSkipped.
int run_tests_in_sandbox(int argc, char** argv, const std::function<Missing()>& also_needed = {});

}  // namespace zc::test
