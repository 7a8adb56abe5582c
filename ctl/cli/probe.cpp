// SPDX-License-Identifier: GPL-2.0-only
#include "cli/checks.h"
#include "core/checksum.h"

namespace zc::cli {
namespace {

struct Options {
  std::string dev, verify, listen;
  bool listens = false, once = false;
};

Status check_together(const Options& options) {
  if (options.listens && !options.verify.empty())
    return usage_error("--listen and --verify are the two ends of one proof",
                       "run one on each machine");
  if (options.listens && !options.dev.empty())
    return usage_error("--listen takes packets from all devices: it needs no DEV",
                       "zcctl probe --listen [ADDR][:PORT]");
  if (!options.verify.empty() && options.dev.empty())
    return usage_error("--verify needs the device that the packets shall leave by",
                       "zcctl probe DEV --verify ADDR[:PORT]");
  if (options.once && !options.listens) return usage_error("--once goes with --listen");
  return ok();
}

Status refuse_dry_run(const Context& context, const std::string& option) {
  if (context.run() == core::Run::kReally) return ok();
  return usage_error(option + " does not go with --dry-run: only real packets prove anything");
}

Status run_verify(Context& context, const Options& options) {
  ZC_TRY(refuse_dry_run(context, "--verify"));
  core::VerifyRequest request{options.dev, ZC_TRY(core::parse_verify(options.verify))};
  const core::VerifyReport report = ZC_TRY(core::verify(*context.host, *context.test_net, request));
  for (const core::Finding& finding : report.findings)
    warn(finding.text, finding.mend);
  ZC_TRY(print(context.view->verify(report)));
  if (report.automatic_is_right()) return ok();
  const std::string automatic = core::to_string(report.automatic.way);
  if (report.advice)
    return failed_error("what --checksum auto takes here, " + automatic + ", does not arrive right",
                        std::string("attach with --checksum ") + core::to_string(*report.advice));
  return failed_error("what --checksum auto takes here, " + automatic + ", does not arrive right");
}

Status run_listen(Context& context, const Options& options) {
  ZC_TRY(refuse_dry_run(context, "--listen"));
  core::ListenRequest request = ZC_TRY(core::parse_listen(options.listen));
  request.once = options.once;
  const auto ready = [&]() -> Status {
    note("listening on TCP and UDP port " + std::to_string(request.port) + "; ^C ends it");
    return ok();
  };
  const auto ended = [&](const core::SessionReport& session) {
    return print(context.view->session(session));
  };
  const core::ListenReport report = ZC_TRY(core::listen(*context.test_net, request, ready, ended));
  if (report.foreign > 0)
    note(std::to_string(report.foreign) + " packets to the port were of no test");
  return ok();
}

Status run(Context& context, const Options& options) {
  ZC_TRY(check_together(options));
  if (options.listens) return run_listen(context, options);
  if (!options.verify.empty()) return run_verify(context, options);
  return print(context.view->probe(ZC_TRY(core::probe(*context.host, options.dev))));
}

}  // namespace

void add_probe(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("probe", "what kernel and device offer, and what attach would choose");
  command->add_option("DEV", options->dev, "network device; the kernel alone if not given");
  checked(context,
          command->add_option("--verify", options->verify,
                              "ADDR[:PORT] of a `zcctl probe --listen`: send test packets there, "
                              "and tell which checksum ways arrive right"),
          core::parse_verify);
  CLI::Option* listen =
      command->add_option("--listen", options->listen,
                          "[ADDR][:PORT]: judge the test packets of --verify (port 47000)");
  checked(context, listen->expected(0, 1), core::parse_listen);
  command->add_flag("--once", options->once, "with --listen: end after one verify");
  command->callback([options, listen, &context] {
    options->listens = listen->count() > 0;
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
