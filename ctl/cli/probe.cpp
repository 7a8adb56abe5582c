// SPDX-License-Identifier: GPL-2.0-only
#include "cli/context.h"

namespace zc::cli {

void add_probe(CLI::App& app, Context& context) {
  const auto dev = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("probe", "what kernel and device offer, and what attach would choose");
  command->add_option("DEV", *dev, "network device; the kernel alone if not given");
  command->callback([dev, &context] {
    context.command = [dev](Context& c) -> Status {
      return print(c.view->probe(ZC_TRY(core::probe(*c.host, *dev))));
    };
  });
}

}  // namespace zc::cli
