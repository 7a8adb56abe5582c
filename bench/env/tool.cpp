#include "bench/env/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sstream>
#include <vector>

#include "base/fd.h"

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{10};

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream stream(command);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  return words;
}

std::string last_line(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const size_t before = text.find_last_of('\n', end);
  const size_t begin = before == std::string::npos ? 0 : before + 1;
  return text.substr(begin, end - begin + 1);
}

// Its output and its errors go to `output`.
Result<pid_t> start(const std::string& command, int output) {
  std::vector<std::string> words = words_of(command);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return pid;
  return Error{ExitCode::kUnsupported,
               "cannot run " + words[0] + ": " + std::strerror(failed),
               "zcctl bench needs ip, tc and ethtool (Debian: iproute2, ethtool)",
               {}};
}

// Until the other end is closed. False: it took too long.
bool read_all(int fd, std::string& text) {
  const auto deadline = Clock::now() + kPatience;
  std::array<char, 4096> block{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd wait{fd, POLLIN, 0};
    if (left.count() <= 0) return false;
    if (poll(&wait, 1, static_cast<int>(left.count())) <= 0) continue;
    const ssize_t got = read(fd, block.data(), block.size());
    if (got <= 0) return true;
    text.append(block.data(), static_cast<size_t>(got));
  }
}

}  // namespace

Result<std::string> run_tool(const std::string& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(errno, "pipe");
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  const pid_t pid = ZC_TRY(start(command, writing.get()));
  writing.reset();
  std::string text;
  const bool ended = read_all(reading.get(), text);
  if (!ended) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (ended && status == 0) return text;
  const std::string why = ended ? last_line(text) : "did not end within ten seconds";
  return Error{ExitCode::kFailed, "`" + command + "` failed: " + why, {}, {}};
}

}  // namespace zc::bench
