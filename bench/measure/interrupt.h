// Ctrl-C and SIGTERM as a question to ask, so that what was measured is kept.
#pragma once

#include <csignal>

namespace zc::bench {

// While one lives, those signals only set a flag; a second one does not end the process either.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

bool interrupted();

}  // namespace zc::bench
