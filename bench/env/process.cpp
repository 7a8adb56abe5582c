#include "bench/env/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "bench/measure/interrupt.h"

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kNap{2};

int64_t nanoseconds(const timeval& time) {
  return time.tv_sec * 1000000000L + time.tv_usec * 1000L;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> found;
  found.reserve(words.size() + 1);
  for (std::string& word : words)
    found.push_back(word.data());
  found.push_back(nullptr);
  return found;
}

}  // namespace

Result<Process> Process::start(const std::vector<std::string>& command, int output) {
  std::vector<std::string> words = command;
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  if (output >= 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  else
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int failed =
      posix_spawnp(&pid, words[0].c_str(), &actions, nullptr, pointers(words).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return Process(pid);
  return Error{
      ExitCode::kUnsupported, "cannot run " + words[0] + ": " + std::strerror(failed), {}, {}};
}

Process::~Process() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  (void)waitpid(pid_, nullptr, 0);
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
