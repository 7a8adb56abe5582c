#include "bench/measure/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace zc::bench {
namespace {

constexpr const char* kEraseLine = "\r\033[K";

}  // namespace

Progress::Progress(uint64_t steps)
    : steps_(steps),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (terminal_) std::fputs(kEraseLine, stderr);
}

void Progress::step(const std::string& what) {
  if (terminal_) fmt::print(stderr, "{}{}  {}", kEraseLine, what, time_left());
  begun_++;
}

// As if the steps to come took as long as those that are done.
std::string Progress::time_left() const {
  if (begun_ == 0) return {};
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  const auto left = static_cast<uint64_t>(spent.count() * static_cast<double>(steps_ - begun_) /
                                          static_cast<double>(begun_));
  return fmt::format("{}:{:02} left", left / 60, left % 60);
}

}  // namespace zc::bench
