// SPDX-License-Identifier: GPL-2.0-only
// gnuplot as a child: the script comes by its stdin, the picture by its stdout.
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "html.h"
#include "report/plot.h"

namespace zc::bench {
namespace {

constexpr const char* kHint = "install gnuplot (Debian: gnuplot-nox)";

// Lies in memory, so that a child that reads nothing cannot block us.
Result<Fd> memory_file() {
  Fd file(memfd_create("plot", MFD_CLOEXEC));
  return file ? Result<Fd>(std::move(file)) : system_error(errno, "memfd_create");
}

Status write_all(int fd, const std::string& text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t got = write(fd, text.data() + written, text.size() - written);
    if (got <= 0) return system_error(errno, "cannot write to gnuplot");
    written += static_cast<size_t>(got);
  }
  lseek(fd, 0, SEEK_SET);
  return ok();
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 8192> block{};
  lseek(fd, 0, SEEK_SET);
  for (ssize_t got = 0; (got = read(fd, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<size_t>(got));
  return text;
}

Result<pid_t> start(int input, int output, int errors) {
  // -d: nobody's ~/.gnuplot.
  std::array<const char*, 3> arguments{"gnuplot", "-d", nullptr};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, "gnuplot", &actions, nullptr,
                                  const_cast<char* const*>(arguments.data()), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return pid;
  return unsupported_error(std::string("cannot run gnuplot: ") + std::strerror(failed), kHint);
}

Result<std::string> run_gnuplot(const std::string& script) {
  const Fd input = ZC_TRY(memory_file());
  const Fd output = ZC_TRY(memory_file());
  const Fd errors = ZC_TRY(memory_file());
  ZC_TRY(write_all(input.get(), script));
  const pid_t pid = ZC_TRY(start(input.get(), output.get(), errors.get()));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  std::string picture = read_all(output.get());
  if (status == 0 && picture.find("</svg>") != std::string::npos) return picture;
  Error error = failed_error("gnuplot drew nothing");
  error.detail = read_all(errors.get());
  return error;
}

// "<title>gnuplot</title>" and the like: a browser shows them when the mouse rests.
void remove_elements(std::string& text, const std::string& name) {
  const std::string begin = "<" + name, end = "</" + name + ">";
  for (size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
    const size_t stop = text.find(end, at);
    if (stop == std::string::npos) return;
    text.erase(at, stop + end.size() - at);
  }
}

}  // namespace

Result<std::string> draw(const std::string& script, const std::string& prefix,
                         const std::string& description) {
  std::string svg = ZC_TRY(run_gnuplot(script));
  svg.erase(0, svg.find("<svg"));
  for (const char* const name : {"title", "desc", "filter"})
    remove_elements(svg, name);
  for (const char* const quote : {"'", "\""})
    replace_all(svg, std::string("id=") + quote, std::string("id=") + quote + prefix);
  replace_all(svg, "href='#", "href='#" + prefix);
  svg.insert(4, " role=\"img\" aria-label=\"" + escape_html(description) + "\"");
  return svg;
}

}  // namespace zc::bench
