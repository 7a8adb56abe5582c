// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"
#include "cli/context.h"

namespace zc::cli {
namespace {

constexpr uint64_t kWatchSeconds = 2, kMostSeconds = 3600;

struct Options {
  std::string dev, to, from, watch;
  const CLI::Option* watches = nullptr;
};

Status run(Context& context, const Options& options) {
  core::CheckRequest request;
  request.dev = options.dev;
  request.match = ZC_TRY(core::parse_match(options.to, options.from));
  const bool watches = options.watches->count() > 0;
  uint64_t seconds = watches ? kWatchSeconds : 0;
  if (!options.watch.empty())
    seconds = ZC_TRY(parse_number(options.watch, 1, kMostSeconds, "--watch"));
  request.watch = std::chrono::seconds(seconds);
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
  command->add_option("--to", options->to, "destination ADDR:PORT")->required();
  command->add_option("--from", options->from, "source, if several rules have that destination");
  options->watches =
      command
          ->add_option("--watch", options->watch,
                       "look for so many seconds (2 if not given) what grows and what does not")
          ->expected(0, 1);
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
