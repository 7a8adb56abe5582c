// SPDX-License-Identifier: GPL-2.0-only
// Ctrl-C, SIGTERM and a terminal that goes (SIGHUP) as a question to ask, so that what was measured
// is kept.
#pragma once

#include <array>
#include <csignal>
#include <cstddef>

namespace zc::bench {

// Makes those signals only set a flag while it lives; a second one does not end the process either.
// nohup stays what it is: a SIGHUP that is ignored is left so.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

bool interrupted();

}  // namespace zc::bench
