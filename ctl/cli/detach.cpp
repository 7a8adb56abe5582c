// SPDX-License-Identifier: GPL-2.0-only
#include "cli/checks.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, to, from;
  bool all = false;
};

Status run(Context& context, const Options& options) {
  core::DetachRequest request{options.dev, {}};
  if (options.all && (!options.to.empty() || !options.from.empty()))
    return usage_error("--all takes all rules: --to and --from contradict it");
  if (!options.all && options.to.empty())
    return usage_error("detach needs --to ADDR:PORT, or --all", "`zcctl show` lists the rules");
  if (!options.all) request.match = ZC_TRY(core::parse_match(options.to, options.from));
  const core::Plan plan = ZC_TRY(core::detach(*context.host, request, context.run()));
  return answer(context, context.view->detach(plan, context.run()));
}

}  // namespace

void add_detach(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("detach", "remove rules; the last takes program and pins with it");
  command->add_option("DEV", options->dev, "network device")->required();
  checked(context, command->add_option("--to", options->to, "destination ADDR:PORT of the rule"),
          core::parse_to);
  checked(context,
          command->add_option("--from", options->from, "source of the rule, if it has one"),
          core::parse_from);
  command->add_flag("--all", options->all, "all rules of DEV");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
