// SPDX-License-Identifier: GPL-2.0-only
#include <cstdint>

#include "base/number.h"
#include "cli/checks.h"
#include "core/framed_rule.h"
#include "core/target.h"
#include "core/target_commands.h"
#include "out/steps.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev;
  core::RuleArguments rule;
  core::FramingArguments framing;
  std::string hook = "auto", pid, max_streams;
  bool replace = false;
};

Result<std::optional<zc_hook>> parse_hook(const std::string& text) {
  if (text == "auto") return std::optional<zc_hook>();
  if (text == "tcx") return std::optional(ZC_HOOK_TCX);
  if (text == "clsact") return std::optional(ZC_HOOK_CLSACT);
  return usage_error("--hook: '" + text + "' is not one of auto, tcx, clsact");
}

struct Process {
  uint32_t pid = 0;
  std::optional<uint32_t> fd;
};

// "PID" or "PID:FD".
Result<Process> parse_pid(const std::string& text) {
  constexpr uint64_t kMax = INT32_MAX;
  const size_t colon = text.find(':');
  Process process;
  process.pid =
      static_cast<uint32_t>(ZC_TRY(parse_number(text.substr(0, colon), 1, kMax, "--pid")));
  if (colon != std::string::npos)
    process.fd = static_cast<uint32_t>(
        ZC_TRY(parse_number(text.substr(colon + 1), 0, kMax, "--pid PID:FD")));
  return process;
}

Result<uint32_t> parse_max_streams(const std::string& text) {
  return static_cast<uint32_t>(ZC_TRY(parse_number(text, 1, ZC_MAX_STREAMS, "--max-streams")));
}

Status read_pid(const Options& options, core::AttachRequest& request) {
  if (options.pid.empty()) return ok();
  if (options.rule.segment.empty())
    return usage_error("--pid sets the segment size of its sockets: it needs --segment BYTES");
  const Process process = ZC_TRY(parse_pid(options.pid));
  request.pid = process.pid;
  request.fd = process.fd;
  return ok();
}

// The sockets that got another segment size: who changes another process says so.
void say_sockets(const core::Plan& plan) {
  for (const core::Step& step : plan.steps) {
    if (std::holds_alternative<core::step::SetSegment>(step)) note(out::step_text(plan.dev, step));
  }
}

// What is said of a device alone, of a rule for connections.
Status refuse_device_words(const Options& options) {
  if (!options.pid.empty())
    return usage_error("--pid sets UDP_SEGMENT, which TCP has not", "leave it out");
  if (options.hook != "auto")
    return usage_error("--hook is a place at a device: a cgroup has one", "leave it out");
  return ok();
}

// Whose connections are framed from now on: who changes another process says so.
void say_connections(const core::TargetPlan& plan) {
  for (const core::TargetStep& step : plan.steps) {
    if (std::holds_alternative<core::target_step::Take>(step))
      note(out::step_text(plan.target, step));
  }
}

Status run_target(Context& context, const Options& options) {
  ZC_TRY(refuse_device_words(options));
  if (options.framing.framing.empty())
    return usage_error(
        options.dev + " needs --framing: on TCP the receiver must be told where packets end",
        "--framing rfc4571, or interleaved:CHANNEL as RTSP agreed on");
  core::TargetAttachRequest request;
  request.name = options.dev;
  request.wanted.rule = ZC_TRY(core::parse_framed_rule(options.rule, options.framing));
  request.wanted.replace = options.replace;
  if (!options.max_streams.empty())
    request.wanted.max_streams = ZC_TRY(parse_max_streams(options.max_streams));
  const auto report = ZC_TRY(core::attach_target(*context.host, request, context.run()));
  if (context.run() == core::Run::kReally) say_connections(report.plan);
  return answer(context, context.view->attach(report, context.run()));
}

// What is said of TCP alone, of a rule for a device's datagrams.
Status refuse_framing_words(const Options& options) {
  const auto& words = options.framing;
  const char* given = !words.framing.empty()     ? "--framing"
                      : !words.frame_end.empty() ? "--frame-end"
                      : !words.skip.empty()      ? "--skip"
                                                 : nullptr;
  if (!given) return ok();
  return usage_error(std::string(given) + " is for TCP connections, which a device has not",
                     "zcctl attach cgroup:PATH takes those of a service");
}

Status run_device(Context& context, const Options& options) {
  ZC_TRY(refuse_framing_words(options));
  if (options.rule.to.empty())
    return usage_error("--to is required", "zcctl --help, zcctl COMMAND --help");
  core::AttachRequest request;
  request.dev = options.dev;
  request.spec = ZC_TRY(core::parse_rule(options.rule));
  request.hook = ZC_TRY(parse_hook(options.hook));
  request.replace = options.replace;
  ZC_TRY(read_pid(options, request));
  if (!options.max_streams.empty())
    request.max_streams = ZC_TRY(parse_max_streams(options.max_streams));
  const core::AttachReport report = ZC_TRY(core::attach(*context.host, request, context.run()));
  if (!report.checksum.warning.empty()) warn(report.checksum.warning);
  for (const core::Finding& finding : report.findings)
    warn(finding.text, finding.mend);
  if (context.run() == core::Run::kReally) say_sockets(report.plan);
  return answer(context, context.view->attach(options.dev, report, context.run()));
}

Status run(Context& context, const Options& options) {
  return core::names_target(options.dev) ? run_target(context, options)
                                         : run_device(context, options);
}

Result<core::PayloadFormat> parse_payload(const std::string& name) {
  return core::find_payload(name);
}

// A clock may stand in --clock: it is asked for later.
Status parse_dynamic_payload(const std::string& text) {
  (void)ZC_TRY(core::parse_encoding(text, "--encoding"));
  if (text.find('/') == std::string::npos) return ok();
  (void)ZC_TRY(core::dynamic_payload(text));
  return ok();
}

// `option` adds one: name, value, what it is, its parser.
void add_clock_options(const auto& option, core::RuleArguments& rule) {
  option("--timestamp", rule.timestamp,
         "wall, pcr, samples, bytes:BPS or packet:TICKS; what fits the payload if not given",
         core::parse_timestamp);
  option("--pcr-pid", rule.pcr_pid, "the PID whose PCRs are followed; the first seen if not given",
         core::parse_pcr_pid);
  option("--ssrc", rule.ssrc, "SSRC of every stream of the rule; random if not given",
         core::parse_ssrc);
  option("--seq", rule.seq, "first sequence number; random if not given", core::parse_seq);
  option("--ts", rule.ts, "first timestamp; random if not given", core::parse_ts);
}

void add_stream_options(const auto& option, core::RuleArguments& rule) {
  option("--rate", rule.rate,
         "send at so many bits of payload a second (8M), or auto: by the stream's own clock",
         core::parse_rate);
  option("--rtcp", rule.rtcp, "sender reports by `zcctl agent`: on, mux or off", core::parse_rtcp);
  option("--idle", rule.idle, "seconds after which a silent stream ends; never if not given",
         core::parse_idle);
  option("--fmtp", rule.fmtp, "for sdp: what a=fmtp says of the payload", core::check_fmtp);
  option("--ptime", rule.ptime, "for sdp: milliseconds of sound in a packet", core::parse_ptime);
  option("--media", rule.media, "for sdp: audio or video, where the payload does not say it",
         core::parse_media);
}

void add_rule_options(CLI::App& command, Context& context, core::RuleArguments& rule) {
  const auto option = [&](const char* name, std::string& value, const char* what, auto parse) {
    return checked(context, command.add_option(name, value, what), parse);
  };
  option("--to", rule.to, "destination ADDR:PORT, exact; IPv6 as [ADDR]:PORT", core::parse_to);
  option("--from", rule.from,
         "source ADDR or ADDR:PORT; any if not given; of a cgroup this host's :PORT", parse_source);
  option("--payload", rule.payload, "MP2T, PCMU, PCMA, G722, L16/44100/2, L24/48000/2, opus, ...",
         parse_payload);
  option("--pt", rule.pt,
         "payload type: with --clock instead of --payload, or of a dynamic one (96)",
         core::parse_payload_type);
  option("--clock", rule.clock, "RTP clock rate in Hz", core::parse_clock);
  option("--encoding", rule.encoding,
         "what a dynamic payload type is, as a=rtpmap has it: NAME/CLOCK[/CHANNELS]",
         parse_dynamic_payload);
  add_clock_options(option, rule);
  option("--checksum", rule.checksum, "auto (default), uni, sum, zero or lco",
         core::parse_checksum);
  option("--segment", rule.segment,
         "many packets a call: the size of the app's UDP_SEGMENT, in bytes; on TCP a frame's",
         core::parse_frame_bytes);
  command.add_flag("--force", rule.force,
                   "take a --segment that cuts TS packets, or is too long for RFC 4571");
  add_stream_options(option, rule);
  command.add_flag("--continue", rule.one_stream,
                   "one stream, whichever port its sender has: it goes on over a restart");
}

void add_framing_options(CLI::App& command, Context& context, core::FramingArguments& framing) {
  const auto option = [&](const char* name, std::string& value, const char* what, auto parse) {
    checked(context, command.add_option(name, value, what), parse);
  };
  option("--framing", framing.framing, "of TCP: rfc4571, or interleaved:CHANNEL (RTSP)",
         core::parse_framing);
  option("--frame-end", framing.frame_end,
         "what ends a frame short of its bytes: call (default), one without MSG_MORE, or never",
         core::parse_frame_end);
  option("--skip", framing.skip,
         "what goes before the media without frames: BYTES, or http: each response's head",
         core::parse_skip);
}

}  // namespace

void add_attach(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("attach", "add a rule; the first on DEV loads the program");
  command
      ->add_option("DEV", options->dev,
                   "network device the packets leave by; for TCP cgroup:PATH, or pid:PID[:FD]")
      ->required();
  add_rule_options(*command, context, options->rule);
  add_framing_options(*command, context, options->framing);
  checked(context,
          command->add_option("--pid", options->pid,
                              "PID or PID:FD: set UDP_SEGMENT on its sockets that go to --to"),
          parse_pid);
  checked(context,
          command->add_option("--max-streams", options->max_streams,
                              "streams the tables of DEV shall hold (default 65536)"),
          parse_max_streams);
  checked(context, command->add_option("--hook", options->hook, "auto (default), tcx or clsact"),
          parse_hook);
  command->add_flag("--replace", options->replace, "change a rule's options; its streams go on");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
