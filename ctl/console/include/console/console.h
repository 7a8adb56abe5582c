// SPDX-License-Identifier: GPL-2.0-only
// What zcctl and zcctl-bench have in common on the command line: the global options, what goes to
// stdout and stderr, and exit codes. Knows no command.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"

namespace zc::console {

// Says what is wrong with the value of an option, which the error names; kUsage.
using Check = std::function<Status(const std::string& value)>;
using Checks = std::map<const CLI::Option*, Check>;

struct GlobalOptions {
  std::string netns;  // a name of `ip netns`, or a path; empty: the one that we are in
  bool json = false;
  bool verbose = false;
  bool dry_run = false;
  Checks checks;  // of values that can be judged alone: what was typed first is refused first
};
// `version` is what --version prints. Asks for one subcommand.
void add_global_options(CLI::App& app, GlobalOptions& options, const std::string& version);

// Calls `body`, which returns the exit code, and reports what a library throws in it (memory,
// threads, file systems): our own code throws nothing.
int run_program(const std::function<int()>& body);

// Parses, and calls `run` for the command that was given. Returns the exit code; what went wrong is
// on stderr then. Of several words that are wrong by themselves, the one typed first is named: a
// command or option that nobody knows, a value that its check refuses, and an empty one, for a
// script's empty variable must not turn into an option that was not given.
int parse_and_run(CLI::App& app, const GlobalOptions& options, int argc, char** argv,
                  const std::function<Status()>& run);

// Writes to stdout, as the last thing that a command does: where nobody reads any more the program
// ends by SIGPIPE, silently, as programs do. A full disk is an error like any other.
Status print(const std::string& text);
// The same after something was changed: the error says that this stays.
Status print_done(const std::string& text);
// Writes one line to stderr: "zcctl: warning: …", and one with the hint if there is one. Control
// characters are written out (\n), here and in all that follows.
void warn(const std::string& text, const std::string& hint = {});
// The same without the alarm: "zcctl: …".
void note(const std::string& text);
// Writes to stderr: the detail if there is one, "zcctl: MESSAGE", and the hint if there is one.
// Returns the exit code.
int report(const Error& error);

// From now on a closed pipe is an error of who writes: no command dies half done. run_program calls
// it first.
void hold_sigpipe();
// SIGPIPE does what it did when the program began: for another program that takes its place.
void restore_sigpipe();

}  // namespace zc::console
