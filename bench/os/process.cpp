// SPDX-License-Identifier: GPL-2.0-only
#include "os/process.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "os/interrupt.h"
#include "os/spawn.h"

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kNap{2};

int64_t nanoseconds(const timeval& time) {
  return time.tv_sec * 1000000000L + time.tv_usec * 1000L;
}

}  // namespace

Result<Process> Process::start(const std::vector<std::string>& command, int output) {
  return Process(ZC_TRY(spawn(command, {.output = output})));
}

Process::~Process() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  wait_for_end(pid_);
}

std::optional<Process::Ended> Process::wait(double seconds,
                                            const std::function<void()>& meanwhile) {
  const auto deadline = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < deadline && !interrupted()) {
    int status = 0;
    rusage used{};
    if (wait4(pid_, &status, WNOHANG, &used) == pid_) {
      pid_ = 0;
      return Ended{status, nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime)};
    }
    if (meanwhile)
      meanwhile();
    else
      std::this_thread::sleep_for(kNap);
  }
  return {};
}

}  // namespace zc::bench
