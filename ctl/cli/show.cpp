// SPDX-License-Identifier: GPL-2.0-only
#include "cli/context.h"

namespace zc::cli {

namespace {

struct Options {
  std::string dev;
  bool all = false;
};

Status run(Context& context, const Options& options) {
  const core::HostStatus status = ZC_TRY(core::status(*context.host, options.dev));
  return print(
      context.view->status(status, options.all ? out::Streams::kAll : out::Streams::kBusiest));
}

}  // namespace

void add_show(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("show", "rules, streams and counters");
  command->add_option("DEV", options->dev, "network device; all if not given");
  command->add_flag("--all", options->all, "all streams, not only the busiest (JSON has all)");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
