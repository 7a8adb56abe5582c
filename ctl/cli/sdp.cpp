// SPDX-License-Identifier: GPL-2.0-only
#include "core/receiver.h"

#include "cli/checks.h"
#include "core/target.h"
#include "core/target_commands.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, to, from, ttl, receiver, address;
  core::EncodingArguments encoding;
};

Result<Endpoint> parse_address(const std::string& text) {
  const Endpoint address = ZC_TRY(parse_endpoint(text, PortRule::kOptional, "--address"));
  if (address.port == 0 && !address.is_multicast()) return address;
  return usage_error("--address: '" + text + "' is no address of a host", "without a port");
}

// What its packets have now is truer than what somebody says; who says otherwise is told.
Result<uint8_t> choose_ttl(const Options& options, uint8_t of_stream) {
  if (options.ttl.empty()) return of_stream;
  const uint8_t said = ZC_TRY(core::parse_ttl(options.ttl));
  if (of_stream == 0 || of_stream == said) return said;
  note("packets leave with TTL " + std::to_string(of_stream) + " now, which is what is described");
  return of_stream;
}

Status print_session(Context& context, const Options& options, const core::Session& session) {
  core::SdpReport report{core::sdp_text(session)};
  if (!options.receiver.empty()) {
    report.receiver = options.receiver;
    report.command =
        ZC_TRY(core::receiver_command(ZC_TRY(core::parse_receiver(options.receiver)), session));
  }
  return print(context.view->sdp(report));
}

// This host's end of connections: what the operator says, what one has, or where routing leads.
Result<Endpoint> choose_address(Context& context, const Options& options,
                                const core::FoundFramedRule& found, const core::Match& match) {
  if (!options.address.empty()) return parse_address(options.address);
  if (found.ours) return *found.ours;
  if (!match.is_local_port()) return context.host->source_towards(match.to, "");
  return usage_error("which of this host's addresses viewers connect to, no connection tells yet",
                     "--address ADDR says it");
}

Status run_target(Context& context, const Options& options) {
  if (!options.ttl.empty())
    return usage_error("--ttl is of multicast groups, and TCP has none", "leave it out");
  const core::Match match = ZC_TRY(core::parse_connection_match(options.to, options.from));
  const auto found = ZC_TRY(core::find_target_rule(*context.host, options.dev, match));
  const Endpoint ours = ZC_TRY(choose_address(context, options, found, match));
  return print_session(context, options,
                       ZC_TRY(core::make_session(found.rule, ours, options.encoding)));
}

Status run(Context& context, const Options& options) {
  if (core::names_target(options.dev)) return run_target(context, options);
  if (options.to.empty())
    return usage_error("--to is required", "zcctl --help, zcctl COMMAND --help");
  if (!options.address.empty())
    return usage_error("--address is of a cgroup's rule: a device's address is known",
                       "leave it out");
  const core::Match match = ZC_TRY(core::parse_match(options.to, options.from));
  const core::FoundRule found = ZC_TRY(core::find_rule(*context.host, options.dev, match));
  const Endpoint source =
      match.from ? *match.from : ZC_TRY(context.host->source_towards(match.to, options.dev));
  const core::Session session = ZC_TRY(core::make_session(
      found.rule, source, ZC_TRY(choose_ttl(options, found.ttl)), options.encoding));
  return print_session(context, options, session);
}

}  // namespace

void add_sdp(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "sdp", "a session description that ffplay, VLC and GStreamer open, or how");
  const auto option = [&](const char* name, std::string& value, const char* what, auto parse) {
    return checked(context, command->add_option(name, value, what), parse);
  };
  command->add_option("DEV", options->dev, "network device, or cgroup:PATH")->required();
  option("--to", options->to, "destination ADDR:PORT of the rule", core::parse_to);
  option("--from", options->from, "source of the rule, if it has one", parse_source);
  option("--address", options->address,
         "of a cgroup: this host's address that viewers connect to; a connection's if not given",
         parse_address);
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
