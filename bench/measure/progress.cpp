// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace zc::bench {
namespace {

constexpr const char* kEraseLine = "\r\033[K";
constexpr size_t kColumns = 80;

// One less than there are: in the last one, some terminals wrap already.
size_t columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return (known ? size.ws_col : kColumns) - 1;
}

}  // namespace

std::string fit(const std::string& what, const std::string& left, size_t columns) {
  const std::string end = left.empty() ? left : "  " + left;
  if (end.size() >= columns) return end.substr(0, columns);
  return what.substr(0, columns - end.size()) + end;
}

Progress::Progress(uint64_t steps)
    : steps_(steps),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (terminal_) std::fputs(kEraseLine, stderr);
}

void Progress::say(const std::string& lines) const {
  if (terminal_ && !lines.empty()) std::fputs(kEraseLine, stderr);
  std::fputs(lines.c_str(), stderr);
}

void Progress::step(const std::string& what) {
  if (terminal_) fmt::print(stderr, "{}{}", kEraseLine, fit(what, time_left(), columns()));
  begun_++;
}

// Reckons as if the steps to come took as long as those that are done.
std::string Progress::time_left() const {
  if (begun_ == 0) return {};
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  const auto left = static_cast<uint64_t>(spent.count() * static_cast<double>(steps_ - begun_) /
                                          static_cast<double>(begun_));
  return fmt::format("{}:{:02} left", left / 60, left % 60);
}

}  // namespace zc::bench
