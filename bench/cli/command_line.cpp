// SPDX-License-Identifier: GPL-2.0-only
#include "cli/command_line.h"

#include <csignal>
#include <exception>

#include "console.h"
#include "context.h"
#include "kern/linux_host.h"
#include "kern/netns.h"

namespace zc::bench::cli {
namespace {

void add_global_options(CLI::App& app, Context& context) {
  app.add_option("-n,--netns", context.netns, "network namespace: a name of `ip netns`, or a path");
  app.add_flag("-j,--json", context.json, "print JSON");
  app.add_flag("-v,--verbose", context.verbose, "show what the verifier says");
  app.add_flag("--dry-run", context.dry_run, "print what would be done, change nothing");
  app.set_version_flag("-V,--version", "zcctl-bench " ZC_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
}

// A script's empty variable must not turn into an option that was not given.
void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* const option : app.get_options())
    option->check([](const std::string& value) {
      return value.empty() ? std::string("the value is empty") : std::string();
    });
  for (CLI::App* const command : app.get_subcommands({}))
    refuse_empty_values(*command);
}

Status run(const Context& context) {
  if (!context.netns.empty()) ZC_TRY(kern::enter_netns(context.netns));
  kern::set_verbose(context.verbose);  // of the rules that methods attach
  return context.command(context);
}

int run_to_exit_code(const Context& context) {
  const Status status = run(context);
  if (status) return 0;
  report(status.error());
  return exit_code(status.error().kind);
}

// CLI11 prints several lines; our promise is one, and a hint.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  report(usage_error(error.what(), "zcctl --help, zcctl COMMAND --help"));
  return exit_code(ErrorKind::kUsage);
}

int parse_and_run(int argc, char** argv) {
  Context context;
  CLI::App app("what each way of sending stored bytes costs", "zcctl bench");
  add_global_options(app, context);
  add_list(app, context);
  add_run(app, context);
  add_report(app, context);
  add_compare(app, context);
  refuse_empty_values(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  }
  return run_to_exit_code(context);
}

}  // namespace

// Our own code throws nothing; the libraries may (memory, threads, file systems).
int run_command_line(int argc, char** argv) try {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not a death
  return parse_and_run(argc, argv);
} catch (const std::exception& failure) {
  report(failed_error(failure.what()));
  return exit_code(ErrorKind::kFailed);
}

}  // namespace zc::bench::cli
