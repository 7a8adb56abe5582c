// SPDX-License-Identifier: GPL-2.0-only
// Starts other programs, and waits for them. Knows not what they do.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace zc::bench {

// What a program gets of our descriptors; -1: /dev/null.
struct SpawnFiles {
  int input = -1;
  int output = -1;
  int errors = -1;
  std::vector<std::pair<int, int>> others = {};  // ours, and the number it finds it at
};

// words[0] is looked for on the path. kUnsupported, with that hint, where it cannot be run.
Result<pid_t> spawn(const std::vector<std::string>& words, const SpawnFiles& files,
                    const std::string& hint = {});

// Waits until it has ended; returns its status, as waitpid has it.
int wait_for_end(pid_t pid);

}  // namespace zc::bench
