// SPDX-License-Identifier: GPL-2.0-only
// What every command of the command line shares.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "api/host.h"
#include "api/rtcp.h"
#include "api/verify.h"
#include "base/result.h"
#include "console/console.h"
#include "core/commands.h"
#include "out/view.h"

namespace zc::cli {

using console::note;
using console::print;
using console::print_done;
using console::warn;

struct Context : console::GlobalOptions {
  std::unique_ptr<api::Host> host;
  std::unique_ptr<api::TestNet> test_net;
  std::unique_ptr<api::AgentStarter> agent_starter;
  std::unique_ptr<out::View> view;
  // Set by the subcommand that was given: what main runs.
  std::function<Status(Context&)> command;
  // The exit code where the command succeeds: `check` that found something says 1.
  int exit_code = 0;

  core::Run run() const { return dry_run ? core::Run::kDry : core::Run::kReally; }
};

// Prints what a command says that has changed something, or would have.
inline Status answer(const Context& context, const std::string& text) {
  return context.run() == core::Run::kDry ? print(text) : print_done(text);
}

// Each adds its subcommand to the tree.
void add_attach(CLI::App& app, Context& context);
void add_detach(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_show(CLI::App& app, Context& context);
void add_sdp(CLI::App& app, Context& context);
void add_probe(CLI::App& app, Context& context);
void add_agent(CLI::App& app, Context& context);
void add_clean(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);

}  // namespace zc::cli
