// SPDX-License-Identifier: GPL-2.0-only
#include "core/sdp.h"

#include "cli/checks.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, to, from;
  core::EncodingArguments encoding;
};

Status run(Context& context, const Options& options) {
  const core::Match match = ZC_TRY(core::parse_match(options.to, options.from));
  const api::RuleEntry entry = ZC_TRY(core::find_rule(*context.host, options.dev, match));
  const Endpoint source =
      match.from ? *match.from : ZC_TRY(context.host->source_towards(match.to, options.dev));
  return print(
      context.view->sdp(ZC_TRY(core::describe_session(entry.rule, source, options.encoding))));
}

}  // namespace

void add_sdp(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("sdp", "a session description that ffplay, VLC and GStreamer open");
  const auto option = [&](const char* name, std::string& value, const char* what, auto parse) {
    return checked(context, command->add_option(name, value, what), parse);
  };
  command->add_option("DEV", options->dev, "network device")->required();
  option("--to", options->to, "destination ADDR:PORT of the rule", core::parse_to)->required();
  option("--from", options->from, "source of the rule, if it has one", core::parse_from);
  option("--encoding", options->encoding.encoding,
         "what a dynamic payload type is, as a=rtpmap has it: opus/48000/2", core::check_encoding);
  option("--media", options->encoding.media,
         "audio or video, with --encoding; video for a clock of 90000 if not given",
         core::parse_media);
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
