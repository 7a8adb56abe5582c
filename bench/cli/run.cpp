// SPDX-License-Identifier: GPL-2.0-only
// `zcctl bench run`: a plan from the words, the plan measured, its results kept.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/list.h"
#include "context.h"
#include "measure/run.h"
#include "report/table.h"
#include "result_file.h"
#include "suites/suites.h"

namespace zc::bench::cli {
namespace {

struct RunOptions {
  RunRequest request;
  std::string out = "bench-results";
  bool profile = false;
};

std::string text_of(const Context& context, const Results& results) {
  if (context.json) return to_json(results);
  std::string tables = table(results);
  if (suite_id(results.suite) == SuiteId::kBars) return tables + bars_table(results);
  if (suite_id(results.suite) == SuiteId::kClock) return tables + clocks_table(results);
  if (suite_id(results.suite) == SuiteId::kTcp) return tables + tcp_table(results);
  return tables;
}

// What was measured is kept, also where the run failed or was interrupted.
Status keep(const Context& context, const Results& results, ResultFile& file) {
  ZC_TRY(file.replace(results));
  fmt::print(stderr, "zcctl: results in {}\n", file.path().string());
  return print(text_of(context, results));
}

// Keeps what there is so far; a run may take hours. What fails now may yet succeed at the end.
void keep_so_far(const Results& results, ResultFile& file) {
  const Status status = file.replace(results);
  if (!status) fmt::print(stderr, "\nzcctl: {}\n", status.error().message);
}

Status run(const Context& context, const RunOptions& options) {
  const RunPlan plan = ZC_TRY(plan_run(options.request));
  if (context.dry_run) return print(context.json ? plan_json(plan) : plan_text(plan));
  const bool is_new = ZC_TRY(make_folder(options.out));
  ResultFile file(options.out);
  Results results;
  Status status = bench::run(plan, results, options.profile,
                             [&](const Results& so_far) { keep_so_far(so_far, file); });
  if (!results.cases.empty()) ZC_TRY(keep(context, results, file));
  if (results.cases.empty() && is_new) std::filesystem::remove(options.out);
  return status;
}

}  // namespace

void add_run(CLI::App& app, Context& context) {
  const auto options = std::make_shared<RunOptions>();
  RunRequest& request = options->request;
  CLI::App* command = app.add_subcommand("run", "measure, in namespaces of its own; root");
  command->add_option("--suite", request.suite,
                      suite_names() + "; " + request.suite + " if not given");
  command->add_option("--env", request.environments, environment_names())->delimiter(',');
  command->add_option("--methods", request.methods, "some of the suite's only; `list` has them")
      ->delimiter(',');
  command->add_option("--sizes", request.payload_bytes, "payload bytes a packet")->delimiter(',');
  command->add_option("--rounds", request.rounds, "that count; one more is thrown away");
  command->add_option("--seconds", request.seconds, "of one timed run");
  command->add_option("--seed", request.seed, "of the order within rounds; random if not given");
  command->add_option("--out", options->out, "folder for the results, a file each run");
  command->add_flag("--quick", request.quick, "does it work? Too short for figures");
  command->add_flag("--profile", options->profile,
                    "and where each method's time goes in the kernel, by perf");
  command->callback([options, &context] {
    context.command = [options](const Context& c) { return run(c, *options); };
  });
}

}  // namespace zc::bench::cli
