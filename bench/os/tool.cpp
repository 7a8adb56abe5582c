// SPDX-License-Identifier: GPL-2.0-only
#include "os/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <sstream>
#include <vector>

#include "base/fd.h"
#include "os/spawn.h"

namespace zc::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{10};
constexpr const char* kHint = "zcctl bench needs ip, tc and ethtool (Debian: iproute2, ethtool)";

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

// Reads until the other end is closed. False: it took too long.
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
  const SpawnFiles files{.output = writing.get(), .errors = writing.get()};
  const pid_t pid = ZC_TRY(spawn(words_of(command), files, kHint));
  writing.reset();
  std::string text;
  const bool ended = read_all(reading.get(), text);
  if (!ended) kill(pid, SIGKILL);
  const int status = wait_for_end(pid);
  if (ended && status == 0) return text;
  const std::string why = ended ? last_line(text) : "did not end within ten seconds";
  return failed_error("`" + command + "` failed: " + why);
}

}  // namespace zc::bench
