// SPDX-License-Identifier: GPL-2.0-only
#include "console/console.h"

#include <exception>
#include <optional>
#include <sstream>
#include <vector>

#include "mistakes.h"

namespace zc::console {
namespace {

// --help and --version are errors to CLI11, which would write to a full disk without a word.
Status print_help(const CLI::App& app, const CLI::ParseError& asked) {
  std::ostringstream text, nothing;
  (void)app.exit(asked, text, nothing);
  return print(text.str());
}

// CLI11 prints several lines; our promise is one, and a hint.
Error parse_error(const CLI::App& app, const CLI::ParseError& error) {
  const bool missing = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (missing && app.get_subcommands().empty())
    return usage_error("a command is missing", list_commands(app));
  return usage_error(error.what(),
                     app.get_name() + " --help, " + app.get_name() + " COMMAND --help");
}

// Returns whether there is a command to run: --help and --version are none.
Result<bool> parse(CLI::App& app, const Checks& checks, int argc, char** argv) {
  std::optional<Error> failure;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      ZC_TRY(print_help(app, error));
      return false;
    }
    failure = parse_error(app, error);
  }
  // A word that is wrong by itself comes before what is missing or does not go together.
  const auto mistake = first_mistake(app, checks, {argv + (argc > 0), argv + argc});
  if (mistake) return *mistake;
  if (failure) return *failure;
  return true;
}

}  // namespace

void add_global_options(CLI::App& app, GlobalOptions& options, const std::string& version) {
  app.add_option("-n,--netns", options.netns, "network namespace: a name of `ip netns`, or a path");
  app.add_flag("-j,--json", options.json, "print JSON");
  app.add_flag("-v,--verbose", options.verbose, "show what the verifier says");
  app.add_flag("--dry-run", options.dry_run, "print what would be done, change nothing");
  app.set_version_flag("-V,--version", version);
  app.require_subcommand(1);
  app.fallthrough();
}

int run_program(const std::function<int()>& body) try {
  hold_sigpipe();
  return body();
} catch (const std::exception& failure) {
  return report(failed_error(failure.what()));
}

int parse_and_run(CLI::App& app, const GlobalOptions& options, int argc, char** argv,
                  const std::function<Status()>& run) {
  const Status status = [&]() -> Status {
    if (!ZC_TRY(parse(app, options.checks, argc, argv))) return ok();
    return run();
  }();
  return status ? 0 : report(status.error());
}

}  // namespace zc::console
