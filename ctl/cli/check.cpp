// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"
#include "cli/checks.h"
#include "core/target.h"

namespace zc::cli {
namespace {

constexpr uint64_t kWatchSeconds = 2, kMostSeconds = 3600;

struct Options {
  std::string dev, to, from, watch;
  const CLI::Option* watches = nullptr;
};

// Empty: the option stands there without a value.
Result<uint64_t> parse_watch(const std::string& text) {
  if (text.empty()) return kWatchSeconds;
  Result<uint64_t> seconds = parse_number(text, 1, kMostSeconds, "--watch");
  if (seconds) return seconds;
  Error error = seconds.error();
  error.hint = "without a number it stands last, or before another option";
  return error;
}

Status run(Context& context, const Options& options) {
  if (core::names_target(options.dev))
    return usage_error("check follows packets through a device; connections have none",
                       "`zcctl show " + options.dev + "` has what is found of a cgroup's");
  core::CheckRequest request;
  request.dev = options.dev;
  request.match = ZC_TRY(core::parse_match(options.to, options.from));
  if (options.watches->count() > 0)
    request.watch = std::chrono::seconds(ZC_TRY(parse_watch(options.watch)));
  const core::CheckReport report = ZC_TRY(core::check(*context.host, request));
  if (!report.findings.empty()) context.exit_code = 1;
  return print(context.view->check(report));
}

}  // namespace

void add_check(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("check", "why nothing arrives, or the wrong thing, and what mends it");
  command->add_option("DEV", options->dev, "network device of the rule")->required();
  checked(context, command->add_option("--to", options->to, "destination ADDR:PORT"),
          core::parse_to)
      ->required();
  checked(context,
          command->add_option("--from", options->from,
                              "source, if several rules have that destination"),
          core::parse_from);
  CLI::Option* watch =
      command
          ->add_option("--watch", options->watch,
                       "look for so many seconds (2 if not given) what grows and what does not")
          ->expected(0, 1);
  options->watches = checked(context, watch, parse_watch);
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
