// SPDX-License-Identifier: GPL-2.0-only
#include "cli/checks.h"
#include "core/framed_rule.h"
#include "core/target.h"
#include "core/target_commands.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, to, from;
  bool all = false, now = false;
};

Status run_target(Context& context, const Options& options) {
  core::TargetDetachRequest request{options.dev, {}};
  if (!options.all && options.to.empty() && options.from.empty())
    return usage_error("detach needs --to ADDR:PORT, --from :PORT, or --all",
                       "`zcctl show` lists the rules");
  if (!options.all)
    request.unwanted.match = ZC_TRY(core::parse_connection_match(options.to, options.from));
  if (options.now) request.unwanted.living = api::Living::kLetGo;
  const auto plan = ZC_TRY(core::detach_target(*context.host, request, context.run()));
  return answer(context, context.view->detach(plan, context.run()));
}

Status run(Context& context, const Options& options) {
  core::DetachRequest request{options.dev, {}};
  if (options.all && (!options.to.empty() || !options.from.empty()))
    return usage_error("--all takes all rules: --to and --from contradict it");
  if (core::names_target(options.dev)) return run_target(context, options);
  if (options.now)
    return usage_error(
        "--now is for TCP connections: a device's packets are never framed again "
        "once detach has returned",
        "leave it out");
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
  command->add_option("DEV", options->dev, "network device, or cgroup:PATH")->required();
  checked(context, command->add_option("--to", options->to, "destination ADDR:PORT of the rule"),
          core::parse_to);
  checked(context,
          command->add_option("--from", options->from, "source of the rule, if it has one"),
          parse_source);
  command->add_flag("--all", options->all, "all rules of DEV");
  command->add_flag("--now", options->now,
                    "of TCP: living connections, too, go on without frames behind their open one");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
