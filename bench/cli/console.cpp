// SPDX-License-Identifier: GPL-2.0-only
#include "console.h"

#include <cerrno>
#include <cstdio>

namespace zc::bench::cli {

Status print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) return system_error(errno, "cannot write to stdout");
  return ok();
}

void report(const Error& error) {
  if (!error.detail.empty()) std::fputs(error.detail.c_str(), stderr);
  std::fprintf(stderr, "zcctl: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "hint: %s\n", error.hint.c_str());
}

}  // namespace zc::bench::cli
