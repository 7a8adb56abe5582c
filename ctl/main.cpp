// SPDX-License-Identifier: GPL-2.0-only
// zcctl: reads the command line, runs one command, prints its error if it has one.
#include "cli/context.h"
#include "kern/agent.h"
#include "kern/linux_host.h"
#include "kern/netns.h"
#include "kern/test_net.h"

namespace {

using zc::cli::Context;

zc::Status run(Context& context) {
  if (!context.netns.empty()) ZC_TRY(zc::kern::enter_netns(context.netns));
  zc::kern::set_verbose(context.verbose);
  context.host = zc::kern::make_linux_host();
  context.test_net = zc::kern::make_test_net();
  context.agent_starter = zc::kern::make_agent_starter();
  context.view = context.json ? zc::out::make_json_view() : zc::out::make_text_view();
  return context.command(context);
}

int zcctl(int argc, char** argv) {
  Context context;
  CLI::App app("zcctl: RTP headers for unmodified streaming applications, made in the kernel",
               "zcctl");
  zc::console::add_global_options(app, context, "zcctl " ZC_VERSION);
  zc::cli::add_attach(app, context);
  zc::cli::add_detach(app, context);
  zc::cli::add_check(app, context);
  zc::cli::add_show(app, context);
  zc::cli::add_sdp(app, context);
  zc::cli::add_probe(app, context);
  zc::cli::add_agent(app, context);
  zc::cli::add_clean(app, context);
  zc::cli::add_bench(app, context);
  const int code =
      zc::console::parse_and_run(app, context, argc, argv, [&] { return run(context); });
  return code == 0 ? context.exit_code : code;
}

}  // namespace

int main(int argc, char** argv) {
  return zc::console::run_program([&] { return zcctl(argc, argv); });
}
