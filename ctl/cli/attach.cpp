// SPDX-License-Identifier: GPL-2.0-only
#include <cstdint>

#include "base/number.h"
#include "cli/context.h"
#include "out/steps.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev;
  core::RuleArguments rule;
  std::string hook = "auto", pid, max_streams;
  bool replace = false;
};

Result<std::optional<zc_hook>> parse_hook(const std::string& text) {
  if (text == "auto") return std::optional<zc_hook>();
  if (text == "tcx") return std::optional(ZC_HOOK_TCX);
  if (text == "clsact") return std::optional(ZC_HOOK_CLSACT);
  return usage_error("--hook: '" + text + "' is not one of auto, tcx, clsact");
}

// "PID" or "PID:FD".
Status parse_pid(const Options& options, core::AttachRequest& request) {
  constexpr uint64_t kMax = INT32_MAX;
  if (options.pid.empty()) return ok();
  if (options.rule.segment.empty())
    return usage_error("--pid sets the segment size of its sockets: it needs --segment BYTES");
  const size_t colon = options.pid.find(':');
  request.pid =
      static_cast<uint32_t>(ZC_TRY(parse_number(options.pid.substr(0, colon), 1, kMax, "--pid")));
  if (colon != std::string::npos)
    request.fd = static_cast<uint32_t>(
        ZC_TRY(parse_number(options.pid.substr(colon + 1), 0, kMax, "--pid PID:FD")));
  return ok();
}

// The sockets that got another segment size: who changes another process says so.
void say_sockets(const core::Plan& plan) {
  for (const core::Step& step : plan.steps) {
    if (std::holds_alternative<core::step::SetSegment>(step)) note(out::step_text(plan.dev, step));
  }
}

Status run(Context& context, const Options& options) {
  core::AttachRequest request;
  request.dev = options.dev;
  request.spec = ZC_TRY(core::parse_rule(options.rule));
  request.hook = ZC_TRY(parse_hook(options.hook));
  request.replace = options.replace;
  ZC_TRY(parse_pid(options, request));
  if (!options.max_streams.empty())
    request.max_streams = static_cast<uint32_t>(
        ZC_TRY(parse_number(options.max_streams, 1, ZC_MAX_STREAMS, "--max-streams")));
  const core::AttachReport report = ZC_TRY(core::attach(*context.host, request, context.run()));
  if (!report.checksum.warning.empty()) warn(report.checksum.warning);
  if (context.run() == core::Run::kReally) say_sockets(report.plan);
  Status printed = print(context.view->attach(options.dev, report, context.run()));
  // A failed attach leaves the host as it was, also where only its answer was lost.
  if (!printed && context.run() == core::Run::kReally &&
      core::has_step<core::step::AddRule>(report.plan))
    (void)core::detach(*context.host, {options.dev, request.spec.match}, core::Run::kReally);
  return printed;
}

}  // namespace

void add_attach(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("attach", "add a rule; the first on DEV loads the program");
  core::RuleArguments& rule = options->rule;
  command->add_option("DEV", options->dev, "network device the packets leave by")->required();
  command->add_option("--to", rule.to, "destination ADDR:PORT, exact; IPv6 as [ADDR]:PORT")
      ->required();
  command->add_option("--from", rule.from, "source ADDR or ADDR:PORT; any if not given");
  command->add_option("--payload", rule.payload, "MP2T, PCMU, PCMA, G722, L16/44100/2, ...");
  command->add_option("--pt", rule.pt, "payload type, with --clock instead of --payload");
  command->add_option("--clock", rule.clock, "RTP clock rate in Hz");
  command->add_option("--timestamp", rule.timestamp, "wall: the clock time of leaving (default)");
  command->add_option("--ssrc", rule.ssrc, "SSRC of every stream of the rule; random if not given");
  command->add_option("--seq", rule.seq, "first sequence number; random if not given");
  command->add_option("--ts", rule.ts, "first timestamp; random if not given");
  command->add_option("--checksum", rule.checksum, "auto (default), lco, zero or full");
  command->add_option("--segment", rule.segment,
                      "many packets a call: the size of the app's UDP_SEGMENT, in bytes");
  command->add_option("--pid", options->pid,
                      "PID or PID:FD: set UDP_SEGMENT on its sockets that go to --to");
  command->add_flag("--force", rule.force, "take a --segment that cuts TS packets");
  command->add_option("--max-streams", options->max_streams,
                      "streams the tables of DEV shall hold (default 65536)");
  command->add_option("--hook", options->hook, "auto (default), tcx or clsact");
  command->add_flag("--replace", options->replace, "change a rule's options; its streams go on");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
