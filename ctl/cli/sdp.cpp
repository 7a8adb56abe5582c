// SPDX-License-Identifier: GPL-2.0-only
#include "core/receiver.h"

#include "cli/checks.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, to, from, ttl, receiver;
  core::EncodingArguments encoding;
};

// What its packets have now is truer than what somebody says; who says otherwise is told.
Result<uint8_t> choose_ttl(const Options& options, uint8_t of_stream) {
  if (options.ttl.empty()) return of_stream;
  const uint8_t said = ZC_TRY(core::parse_ttl(options.ttl));
  if (of_stream == 0 || of_stream == said) return said;
  note("packets leave with TTL " + std::to_string(of_stream) + " now, which is what is described");
  return of_stream;
}

Status run(Context& context, const Options& options) {
  const core::Match match = ZC_TRY(core::parse_match(options.to, options.from));
  const core::FoundRule found = ZC_TRY(core::find_rule(*context.host, options.dev, match));
  const Endpoint source =
      match.from ? *match.from : ZC_TRY(context.host->source_towards(match.to, options.dev));
  const core::Session session = ZC_TRY(core::make_session(
      found.rule, source, ZC_TRY(choose_ttl(options, found.ttl)), options.encoding));
  core::SdpReport report{core::sdp_text(session)};
  if (!options.receiver.empty()) {
    report.receiver = options.receiver;
    report.command =
        core::receiver_command(ZC_TRY(core::parse_receiver(options.receiver)), session);
  }
  return print(context.view->sdp(report));
}

}  // namespace

void add_sdp(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "sdp", "a session description that ffplay, VLC and GStreamer open, or how");
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
  option("--ttl", options->ttl,
         "TTL of an IPv4 group, where no stream tells it yet; 255 if not given", core::parse_ttl);
  option("--for", options->receiver,
         "what opens it on the receiving host: ffplay, gst, vlc or mediamtx", core::parse_receiver);
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
