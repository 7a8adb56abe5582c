// SPDX-License-Identifier: GPL-2.0-only
#include "out/sdp.h"

#include "cli/context.h"

namespace zc::cli {
namespace {

struct Words {
  std::string dev, to, from;
};

Status run(Context& context, const Words& words) {
  const core::Match match = ZC_TRY(core::parse_match(words.to, words.from));
  const api::RuleEntry entry = ZC_TRY(core::find_rule(*context.host, words.dev, match));
  const Endpoint source = match.from ? *match.from : ZC_TRY(context.host->source_towards(match.to));
  return print(context.view->sdp(ZC_TRY(out::describe_session(entry.rule, source))));
}

}  // namespace

void add_sdp(CLI::App& app, Context& context) {
  const auto words = std::make_shared<Words>();
  CLI::App* command =
      app.add_subcommand("sdp", "a session description that ffplay, VLC and GStreamer open");
  command->add_option("DEV", words->dev, "network device")->required();
  command->add_option("--to", words->to, "destination ADDR:PORT of the rule")->required();
  command->add_option("--from", words->from, "source of the rule, if it has one");
  command->callback(
      [words, &context] { context.command = [words](Context& c) { return run(c, *words); }; });
}

}  // namespace zc::cli
