// SPDX-License-Identifier: GPL-2.0-only
// Runs what was promised when the scope ends, newest first, unless it was dismissed: how a failed
// command leaves the host as it was.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace zc {

class Undo {
 public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
      (*step)();
  }

  void push(std::function<void()> step) { steps_.push_back(std::move(step)); }
  void dismiss() { steps_.clear(); }

 private:
  std::vector<std::function<void()>> steps_;
};

}  // namespace zc
