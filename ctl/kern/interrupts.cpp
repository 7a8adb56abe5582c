// SPDX-License-Identifier: GPL-2.0-only
#include "interrupts.h"

#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace zc::kern {

Result<Interrupts> Interrupts::hold() {
  Interrupts interrupts;
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&held, signal);
  Fd signals(signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals || sigprocmask(SIG_BLOCK, &held, &interrupts.before_) != 0)
    return system_error(errno, "signals");
  interrupts.signals_ = std::move(signals);
  return interrupts;
}

Interrupts::~Interrupts() {
  if (signals_) sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool Interrupts::taken() {
  signalfd_siginfo info{};
  return read(signals_.get(), &info, sizeof(info)) == sizeof(info);
}

Result<bool> Interrupts::wait(int fd, short events, std::chrono::microseconds time) {
  std::array<pollfd, 2> entries = {poll_entry(), {fd, events, 0}};
  const auto count = time.count();
  const timespec limit{count / 1000000, count % 1000000 * 1000};
  if (ppoll(entries.data(), entries.size(), &limit, nullptr) < 0 && errno != EINTR)
    return system_error(errno, "poll");
  if (taken()) return failed_error("interrupted");
  return entries[1].revents != 0;
}

}  // namespace zc::kern
