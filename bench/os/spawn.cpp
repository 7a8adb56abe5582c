// SPDX-License-Identifier: GPL-2.0-only
#include "os/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace zc::bench {
namespace {

void give(posix_spawn_file_actions_t& actions, int ours, int theirs, int flags) {
  if (ours >= 0)
    posix_spawn_file_actions_adddup2(&actions, ours, theirs);
  else
    posix_spawn_file_actions_addopen(&actions, theirs, "/dev/null", flags, 0);
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

Result<pid_t> spawn(const std::vector<std::string>& words, const SpawnFiles& files,
                    const std::string& hint) {
  std::vector<std::string> copy = words;  // posix_spawn wants them to be its own
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  give(actions, files.input, STDIN_FILENO, O_RDONLY);
  give(actions, files.output, STDOUT_FILENO, O_WRONLY);
  give(actions, files.errors, STDERR_FILENO, O_WRONLY);
  for (const auto& [ours, theirs] : files.others)
    give(actions, ours, theirs, O_RDWR);
  pid_t pid = 0;
  const int failed =
      posix_spawnp(&pid, copy[0].c_str(), &actions, nullptr, pointers(copy).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return pid;
  return unsupported_error("cannot run " + words[0] + ": " + std::strerror(failed), hint);
}

int wait_for_end(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace zc::bench
