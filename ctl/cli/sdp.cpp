// SPDX-License-Identifier: GPL-2.0-only
#include "core/sdp.h"

#include "cli/context.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, to, from;
};

Status run(Context& context, const Options& options) {
  const core::Match match = ZC_TRY(core::parse_match(options.to, options.from));
  const api::RuleEntry entry = ZC_TRY(core::find_rule(*context.host, options.dev, match));
  const Endpoint source = match.from ? *match.from : ZC_TRY(context.host->source_towards(match.to));
  return print(context.view->sdp(ZC_TRY(core::describe_session(entry.rule, source))));
}

}  // namespace

void add_sdp(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("sdp", "a session description that ffplay, VLC and GStreamer open");
  command->add_option("DEV", options->dev, "network device")->required();
  command->add_option("--to", options->to, "destination ADDR:PORT of the rule")->required();
  command->add_option("--from", options->from, "source of the rule, if it has one");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
