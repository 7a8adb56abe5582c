// SPDX-License-Identifier: GPL-2.0-only
#include "cli/context.h"

namespace zc::cli {

void add_show(CLI::App& app, Context& context) {
  const auto dev = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("show", "rules, streams and counters");
  command->add_option("DEV", *dev, "network device; all if not given");
  command->callback([dev, &context] {
    context.command = [dev](Context& c) -> Status {
      return print(c.view->status(ZC_TRY(core::status(*c.host, *dev))));
    };
  });
}

}  // namespace zc::cli
