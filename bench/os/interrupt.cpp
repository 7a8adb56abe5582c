// SPDX-License-Identifier: GPL-2.0-only
#include "os/interrupt.h"

#include <atomic>

namespace zc::bench {
namespace {

std::atomic<bool> flag = false;

extern "C" void remember(int) {
  flag = true;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  flag = false;
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  for (size_t i = 0; i < kSignals.size(); i++) {
    sigaction(kSignals[i], &action, &before_[i]);
    if (kSignals[i] == SIGHUP && before_[i].sa_handler == SIG_IGN)
      sigaction(SIGHUP, &before_[i], nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (size_t i = 0; i < kSignals.size(); i++)
    sigaction(kSignals[i], &before_[i], nullptr);
}

bool interrupted() {
  return flag;
}

}  // namespace zc::bench
