// SPDX-License-Identifier: GPL-2.0-only
// What goes to stdout and stderr, and what becomes of us when nobody reads it.
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/printable.h"
#include "console/console.h"

namespace zc::console {
namespace {

// What SIGPIPE did when the program began: a parent that ignores it wants an error instead.
void (*inherited_sigpipe)(int) = SIG_DFL;

// errno, or 0.
int write_out(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? 0 : errno;
}

Status print_or(const std::string& text, const std::string& complaint, const std::string& hint) {
  const int why = write_out(text);
  if (why == 0) return ok();
  if (why == EPIPE) {
    restore_sigpipe();
    std::raise(SIGPIPE);  // returns where a parent ignored or blocked it
  }
  Error error = system_error(why, complaint);
  if (error.hint.empty()) error.hint = hint;
  return error;
}

}  // namespace

void hold_sigpipe() {
  inherited_sigpipe = std::signal(SIGPIPE, SIG_IGN);
}

void restore_sigpipe() {
  std::signal(SIGPIPE, inherited_sigpipe);
}

Status print(const std::string& text) {
  return print_or(text, "cannot write to stdout", "");
}

Status print_done(const std::string& text) {
  return print_or(text, "it is done and stays so, but the answer cannot be written to stdout",
                  "`zcctl show` says what is in force");
}

void warn(const std::string& text, const std::string& hint) {
  std::fprintf(stderr, "zcctl: warning: %s\n", printable(text).c_str());
  if (!hint.empty()) std::fprintf(stderr, "hint: %s\n", printable(hint).c_str());
}

void note(const std::string& text) {
  std::fprintf(stderr, "zcctl: %s\n", printable(text).c_str());
}

int report(const Error& error) {
  if (!error.detail.empty()) std::fputs(error.detail.c_str(), stderr);
  note(error.message);
  if (!error.hint.empty()) std::fprintf(stderr, "hint: %s\n", printable(error.hint).c_str());
  return exit_code(error.kind);
}

}  // namespace zc::console
