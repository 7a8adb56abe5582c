// SPDX-License-Identifier: GPL-2.0-only
#include "cli/context.h"

namespace zc::cli {

void add_clean(CLI::App& app, Context& context) {
  const auto force = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("clean", "remove pins that a crash or a lost device left behind");
  command->add_flag("--force", *force, "also pins of another zcctl version: their rules end");
  command->callback([force, &context] {
    context.command = [force](Context& c) -> Status {
      const core::CleanReport report = ZC_TRY(core::clean(*c.host, *force, c.run()));
      return answer(c, c.view->clean(report, c.run()));
    };
  });
}

}  // namespace zc::cli
