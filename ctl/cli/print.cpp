// SPDX-License-Identifier: GPL-2.0-only
#include <cerrno>
#include <cstdio>

#include "cli/context.h"

namespace zc::cli {

Status print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) return system_error(errno, "cannot write to stdout");
  return ok();
}

void warn(const std::string& text) {
  std::fprintf(stderr, "zcctl: warning: %s\n", text.c_str());
}

void note(const std::string& text) {
  std::fprintf(stderr, "zcctl: %s\n", text.c_str());
}

}  // namespace zc::cli
