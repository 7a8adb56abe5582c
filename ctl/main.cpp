// SPDX-License-Identifier: GPL-2.0-only
// zcctl: reads the command line, runs one command, prints its error if it has one.
#include <csignal>
#include <cstdio>
#include <exception>

#include "cli/context.h"
#include "kern/linux_host.h"
#include "kern/netns.h"

namespace {

using zc::Error;
using zc::ErrorKind;
using zc::cli::Context;

void add_global_options(CLI::App& app, Context& context) {
  app.add_option("-n,--netns", context.netns, "network namespace: a name of `ip netns`, or a path");
  app.add_flag("-j,--json", context.json, "print JSON");
  app.add_flag("-v,--verbose", context.verbose, "show what the verifier says");
  app.add_flag("--dry-run", context.dry_run, "print what would be done, change nothing");
  app.set_version_flag("-V,--version", "zcctl " ZC_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
}

// A script's empty variable must not turn into an option that was not given: --from "" would be a
// rule for every source.
void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* const option : app.get_options())
    option->check([](const std::string& value) {
      return value.empty() ? std::string("the value is empty") : std::string();
    });
  for (CLI::App* const command : app.get_subcommands({}))
    refuse_empty_values(*command);
}

void report(const Error& error) {
  if (!error.detail.empty()) std::fputs(error.detail.c_str(), stderr);
  std::fprintf(stderr, "zcctl: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "hint: %s\n", error.hint.c_str());
}

zc::Status run(Context& context) {
  if (!context.netns.empty()) ZC_TRY(zc::kern::enter_netns(context.netns));
  zc::kern::set_verbose(context.verbose);
  context.host = zc::kern::make_linux_host();
  context.view = context.json ? zc::out::make_json_view() : zc::out::make_text_view();
  return context.command(context);
}

int run_to_exit_code(Context& context) {
  const zc::Status status = run(context);
  if (status) return 0;
  report(status.error());
  return zc::exit_code(status.error().kind);
}

// CLI11 prints several lines; our promise is one, and a hint.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  report(zc::usage_error(error.what(), "zcctl --help, zcctl COMMAND --help"));
  return zc::exit_code(ErrorKind::kUsage);
}

int parse_and_run(int argc, char** argv) {
  Context context;
  CLI::App app("zcctl: RTP headers for unmodified streaming applications, made in the kernel");
  add_global_options(app, context);
  zc::cli::add_attach(app, context);
  zc::cli::add_detach(app, context);
  zc::cli::add_show(app, context);
  zc::cli::add_sdp(app, context);
  zc::cli::add_probe(app, context);
  zc::cli::add_clean(app, context);
  zc::cli::add_bench(app, context);
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
int main(int argc, char** argv) try {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not a death
  return parse_and_run(argc, argv);
} catch (const std::exception& failure) {
  report(zc::failed_error(failure.what()));
  return zc::exit_code(ErrorKind::kFailed);
}
