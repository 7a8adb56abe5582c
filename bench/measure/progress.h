// SPDX-License-Identifier: GPL-2.0-only
// The line on a terminal that says what is being measured and how long it will take. Where stderr
// is no terminal it says nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace zc::bench {

// `what` and, at its end, `left`, in `columns` at most, or the terminal would begin another line,
// which nobody takes away. Both are ASCII; what does not fit is cut off `what`.
std::string fit(const std::string& what, const std::string& left, size_t columns);

class Progress {
 public:
  explicit Progress(uint64_t steps);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // takes the line away

  // The next step is `what`: "nic 1388 B  round 3 of 10  read_writev".
  void step(const std::string& what);
  // Lines for people, terminal or not: they stay above the line.
  void say(const std::string& lines) const;
  // So many will not come.
  void skip(uint64_t steps) { steps_ -= steps; }

 private:
  std::string time_left() const;

  uint64_t steps_;
  uint64_t begun_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace zc::bench
