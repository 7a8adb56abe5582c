// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp/agent.h"

#include "cli/checks.h"
#include "core/rule.h"

namespace zc::cli {
namespace {

struct Options {
  std::vector<std::string> devs;
  std::string idle;
};

Status run(Context& context, const Options& options) {
  if (context.run() == core::Run::kDry)
    return usage_error("agent does not go with --dry-run: it changes nothing but reports");
  core::rtcp::AgentRequest request;
  request.devs = options.devs;
  if (!options.idle.empty()) request.idle_s = ZC_TRY(core::parse_idle(options.idle));
  request.warn = [](const std::string& text, const std::string& hint) { warn(text, hint); };
  request.free_idle = [&context] { return core::end_idle_streams(*context.host); };
  // A name that is mistyped would serve nobody, and say nothing.
  for (const std::string& dev : options.devs)
    ZC_TRY(context.host->device(dev));
  const auto net = ZC_TRY(context.agent_starter->start());
  return core::rtcp::run_agent(*net, request);
}

}  // namespace

void add_agent(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "agent", "stay, send the sender reports of all streams (RTCP), and take in receivers' own");
  command->add_option("DEV", options->devs, "network devices; all if not given");
  checked(context,
          command->add_option("--idle", options->idle,
                              "seconds of silence after which a stream of a rule without --idle "
                              "is said to have ended (BYE)"),
          core::parse_idle);
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
