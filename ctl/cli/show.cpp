// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"
#include "cli/checks.h"

namespace zc::cli {

namespace {

struct Options {
  std::string dev, over;
  bool all = false;
};

constexpr uint64_t kMostMs = 3'600'000;

Result<std::chrono::milliseconds> parse_over(const std::string& text) {
  return std::chrono::milliseconds(ZC_TRY(parse_thousandths(text, 0, kMostMs, "--over")));
}

Status run(Context& context, const Options& options) {
  const auto over = options.over.empty() ? core::kUsualLook : ZC_TRY(parse_over(options.over));
  const core::HostStatus status = ZC_TRY(core::status_over(*context.host, options.dev, over));
  return print(
      context.view->status(status, options.all ? out::Streams::kAll : out::Streams::kBusiest));
}

}  // namespace

void add_show(CLI::App& app, Context& context) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("show", "rules, streams and counters");
  command->add_option("DEV", options->dev, "network device, or cgroup:PATH; all if not given");
  command->add_flag("--all", options->all, "all streams, not only the busiest (JSON has all)");
  checked(context,
          command->add_option("--over", options->over,
                              "measure rates over so many seconds (0.2 if not given and a stream "
                              "sends; 0: none)"),
          parse_over);
  command->callback([options, &context] {
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::cli
