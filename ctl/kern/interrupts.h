// SPDX-License-Identifier: GPL-2.0-only
// SIGINT, SIGTERM and SIGHUP as something to poll, so that nothing is cut off half done. Knows not
// what is done.
#pragma once

#include <poll.h>
#include <signal.h>

#include <chrono>

#include "base/fd.h"
#include "base/result.h"

namespace zc::kern {

// While it lives, these signals wait; what came and was not read acts when it goes.
class Interrupts {
 public:
  static Result<Interrupts> hold();
  Interrupts(Interrupts&&) = default;
  Interrupts& operator=(Interrupts&&) = delete;
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  pollfd poll_entry() const { return {signals_.get(), POLLIN, 0}; }
  // Whether one has come; takes it away.
  bool taken();
  // Waits for `events` of `fd` (-1: only for the time to pass). True: they are there; false: the
  // time is over. An Error says that a signal came.
  Result<bool> wait(int fd, short events, std::chrono::microseconds time);

 private:
  Interrupts() = default;
  Fd signals_;
  sigset_t before_{};
};

}  // namespace zc::kern
