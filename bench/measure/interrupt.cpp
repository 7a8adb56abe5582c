#include "bench/measure/interrupt.h"

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
  sigaction(SIGINT, &action, &before_int_);
  sigaction(SIGTERM, &action, &before_term_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_int_, nullptr);
  sigaction(SIGTERM, &before_term_, nullptr);
}

bool interrupted() {
  return flag;
}

}  // namespace zc::bench
