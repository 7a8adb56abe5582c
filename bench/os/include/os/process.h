// SPDX-License-Identifier: GPL-2.0-only
// Another program, run beside this one and waited for; killed when nobody waits any more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace zc::bench {

class Process {
 public:
  struct Ended {
    int status = 0;      // as waitpid has it
    int64_t cpu_ns = 0;  // user and system time of all its threads
  };

  // Its output goes to the descriptor; -1: to nobody. Input and errors are nobody's.
  static Result<Process> start(const std::vector<std::string>& command, int output);
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  Process& operator=(Process&&) = delete;
  ~Process();

  // Nothing after so long, or after Ctrl-C. `meanwhile` is called again and again, if given.
  std::optional<Ended> wait(double seconds, const std::function<void()>& meanwhile = {});

 private:
  explicit Process(pid_t pid) : pid_(pid) {}

  pid_t pid_;  // 0: gone
};

}  // namespace zc::bench
