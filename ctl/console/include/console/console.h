// SPDX-License-Identifier: GPL-2.0-only
// What zcctl and zcctl-bench have in common on the command line: the global options, what goes to
// stdout and stderr, and exit codes. Knows no command.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/result.h"

namespace zc::console {

struct GlobalOptions {
  std::string netns;  // a name of `ip netns`, or a path; empty: the one that we are in
  bool json = false;
  bool verbose = false;
  bool dry_run = false;
};
// `version` is what --version prints. Asks for one subcommand.
void add_global_options(CLI::App& app, GlobalOptions& options, const std::string& version);

// Calls `body`, which returns the exit code, and reports what a library throws in it (memory,
// threads, file systems): our own code throws nothing.
int run_program(const std::function<int()>& body);

// Parses, and calls `run` for the command that was given. Returns the exit code; what went wrong is
// on stderr then. An option that is given with an empty value is wrong: a script's empty variable
// must not turn into an option that was not given.
int parse_and_run(CLI::App& app, int argc, char** argv, const std::function<Status()>& run);

// Writes to stdout. A full disk or a closed pipe is an error like any other.
Status print(const std::string& text);
// Writes one line to stderr: "zcctl: warning: …".
void warn(const std::string& text);
// The same without the alarm: "zcctl: …".
void note(const std::string& text);

}  // namespace zc::console
