// SPDX-License-Identifier: GPL-2.0-only
#include "cli/context.h"

namespace zc::cli {
namespace {

struct Words {
  std::string dev, to, from;
  bool all = false;
};

Status run(Context& context, const Words& words) {
  core::DetachWish wish{words.dev, {}};
  if (words.all && (!words.to.empty() || !words.from.empty()))
    return usage_error("--all takes all rules: --to and --from contradict it");
  if (!words.all && words.to.empty())
    return usage_error("detach needs --to ADDR:PORT, or --all", "`zcctl show` lists the rules");
  if (!words.all) wish.match = ZC_TRY(core::parse_match(words.to, words.from));
  const core::Plan plan = ZC_TRY(core::detach(*context.host, wish, context.run()));
  return print(context.view->detach({words.dev, plan}, context.run()));
}

}  // namespace

void add_detach(CLI::App& app, Context& context) {
  const auto words = std::make_shared<Words>();
  CLI::App* command =
      app.add_subcommand("detach", "remove rules; the last takes program and pins with it");
  command->add_option("DEV", words->dev, "network device")->required();
  command->add_option("--to", words->to, "destination ADDR:PORT of the rule");
  command->add_option("--from", words->from, "source of the rule, if it has one");
  command->add_flag("--all", words->all, "all rules of DEV");
  command->callback(
      [words, &context] { context.command = [words](Context& c) { return run(c, *words); }; });
}

}  // namespace zc::cli
