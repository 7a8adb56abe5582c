// SPDX-License-Identifier: GPL-2.0-only
#include "console/console.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

namespace zc::console {
namespace {

void refuse_empty_values(CLI::App& app) {
  for (CLI::Option* const option : app.get_options())
    option->check([](const std::string& value) {
      return value.empty() ? std::string("the value is empty") : std::string();
    });
  for (CLI::App* const command : app.get_subcommands({}))
    refuse_empty_values(*command);
}

// Writes to stderr: the detail if there is one, "zcctl: MESSAGE", and the hint if there is one.
int report(const Error& error) {
  if (!error.detail.empty()) std::fputs(error.detail.c_str(), stderr);
  std::fprintf(stderr, "zcctl: %s\n", error.message.c_str());
  if (!error.hint.empty()) std::fprintf(stderr, "hint: %s\n", error.hint.c_str());
  return exit_code(error.kind);
}

// CLI11 prints several lines; our promise is one, and a hint.
int report_parse_error(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  return report(usage_error(error.what(), "zcctl --help, zcctl COMMAND --help"));
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
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not a death
  return body();
} catch (const std::exception& failure) {
  return report(failed_error(failure.what()));
}

int parse_and_run(CLI::App& app, int argc, char** argv, const std::function<Status()>& run) {
  refuse_empty_values(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return report_parse_error(app, error);
  }
  const Status status = run();
  return status ? 0 : report(status.error());
}

Status print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) return system_error(errno, "cannot write to stdout");
  return ok();
}

void warn(const std::string& text) {
  std::fprintf(stderr, "zcctl: warning: %s\n", text.c_str());
}

void note(const std::string& text) {
  std::fprintf(stderr, "zcctl: %s\n", text.c_str());
}

}  // namespace zc::console
