// SPDX-License-Identifier: GPL-2.0-only
#include "soak/options.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace zc::test {
namespace {

constexpr const char* kUsage =
    "soak [--seconds N] [--frames N] [--churn N] [--streams N] [--threads N]\n"
    "Ends when the seconds are over, the frames judged and the churn's rounds done.\n";

bool take(SoakOptions& options, std::string_view name, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  if (name == "--seconds")
    options.time = std::chrono::seconds(value);
  else if (name == "--frames")
    options.frames = value;
  else if (name == "--churn")
    options.churn = value;
  else if (name == "--streams" && value >= 1 && value <= 20'000)
    options.streams = static_cast<unsigned>(value);
  else if (name == "--threads" && value >= 1 && value <= options.streams)
    options.threads = static_cast<unsigned>(value);
  else
    return false;
  return true;
}

}  // namespace

std::optional<SoakOptions> parse_options(int argc, char** argv) {
  SoakOptions options;
  bool right = argc % 2 == 1;
  for (int i = 1; right && i + 1 < argc; i += 2)
    right = take(options, argv[i], argv[i + 1]);
  if (right) return options;
  std::fputs(kUsage, stderr);
  return {};
}

}  // namespace zc::test
