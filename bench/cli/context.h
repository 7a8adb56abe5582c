// SPDX-License-Identifier: GPL-2.0-only
// What every command of zcctl-bench shares.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/result.h"
#include "console/console.h"

namespace zc::bench::cli {

using console::print;

struct Context : console::GlobalOptions {
  // Set by the subcommand that was given: what the program runs.
  std::function<Status(const Context&)> command;
};

// Each adds its subcommand to the tree.
void add_list(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_compare(CLI::App& app, Context& context);

}  // namespace zc::bench::cli
