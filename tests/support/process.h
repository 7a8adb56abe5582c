// SPDX-License-Identifier: GPL-2.0-only
// Runs a command and waits for it. No shell; knows nothing of what is run.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace zc::test {

struct ProcessResult {
  int exit_code = -1;  // 128 + signal where a signal ended it, as a shell would say
  bool timed_out = false;
  std::string out;
  std::string err;
};

struct RunOptions {
  std::chrono::milliseconds timeout{20'000};
  std::string input{};  // what the command reads on stdin; at most a pipe's 64 KiB
};

// argv[0] is a path or is looked up in PATH. A command that outlives the timeout, or this process,
// is killed. Throws std::system_error where it cannot even be started.
ProcessResult run(const std::vector<std::string>& argv, const RunOptions& options = {});

// "exit 3" and both outputs, for a failed assertion.
std::string describe(const ProcessResult& result);

}  // namespace zc::test
