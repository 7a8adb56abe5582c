// SPDX-License-Identifier: GPL-2.0-only
#include "support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/fd.h"

namespace zc::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kNotStarted = 127;

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  return {Fd(ends[0]), Fd(ends[1])};
}

// What the child reads, filled before it starts: it fits into the pipe.
Fd filled_input(const std::string& input) {
  Pipe pipe = make_pipe();
  fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK);
  const ssize_t written = write(pipe.write_end.get(), input.data(), input.size());
  if (written != static_cast<ssize_t>(input.size()))
    throw std::system_error(EFBIG, std::generic_category(), "input for a command");
  return std::move(pipe.read_end);
}

[[noreturn]] void become(const std::vector<char*>& argv, int in, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execvp(argv[0], argv.data());
  _exit(kNotStarted);
}

// Reads once what is there; closes at the end of the stream.
void take(Fd& fd, std::string& text) {
  std::array<char, 4096> buffer{};
  const ssize_t length = read(fd.get(), buffer.data(), buffer.size());
  if (length > 0)
    text.append(buffer.data(), static_cast<size_t>(length));
  else if (length == 0 || errno != EINTR)
    fd.reset();
}

// Reads until both streams have ended. False: the deadline came first.
bool collect(Fd& out, Fd& err, ProcessResult& result, Clock::time_point deadline) {
  while (out || err) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    std::array<pollfd, 2> waiting{{{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), static_cast<int>(left)) < 0 && errno != EINTR)
      return false;
    if (waiting[0].revents != 0) take(out, result.out);
    if (waiting[1].revents != 0) take(err, result.err);
  }
  return true;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

ProcessResult run(const std::vector<std::string>& argv, const RunOptions& options) {
  std::vector<char*> raw;
  raw.reserve(argv.size() + 1);
  for (const std::string& argument : argv)
    raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  Fd input = filled_input(options.input);
  Pipe out = make_pipe();
  Pipe err = make_pipe();

  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) become(raw, input.get(), out.write_end.get(), err.write_end.get());
  input.reset();
  out.write_end.reset();
  err.write_end.reset();

  ProcessResult result;
  result.timed_out = !collect(out.read_end, err.read_end, result, Clock::now() + options.timeout);
  if (result.timed_out) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = exit_code_of(status);
  if (result.exit_code == kNotStarted && result.err.empty())
    throw std::system_error(ENOENT, std::generic_category(), argv.at(0));
  return result;
}

std::string describe(const ProcessResult& result) {
  return (result.timed_out ? "timed out, exit " : "exit ") + std::to_string(result.exit_code) +
         "\nstdout: " + result.out + "\nstderr: " + result.err;
}

}  // namespace zc::test
