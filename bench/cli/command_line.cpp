// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_line.h"

#include "context.h"
#include "kern/linux_host.h"
#include "kern/netns.h"

namespace zc::bench::cli {
namespace {

Status run(const Context& context) {
  if (!context.netns.empty()) ZC_TRY(kern::enter_netns(context.netns));
  kern::set_verbose(context.verbose);  // of the rules that methods attach
  return context.command(context);
}

int run_words(int argc, char** argv) {
  Context context;
  CLI::App app("what each way of sending stored bytes costs", "zcctl bench");
  console::add_global_options(app, context, "zcctl-bench " ZC_VERSION);
  add_list(app, context);
  add_run(app, context);
  add_report(app, context);
  add_compare(app, context);
  return console::parse_and_run(app, context, argc, argv, [&] { return run(context); });
}

}  // namespace

int run_command_line(int argc, char** argv) {
  return console::run_program([&] { return run_words(argc, argv); });
}

}  // namespace zc::bench::cli
