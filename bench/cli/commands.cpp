// SPDX-License-Identifier: GPL-2.0-only
// The commands of zcctl-bench that measure nothing: list, report, compare.
#include <memory>

#include "cli/list.h"
#include "context.h"
#include "report/compare.h"
#include "report/write.h"

namespace zc::bench::cli {
namespace {

struct ReportOptions {
  std::string folder;
  std::string out;  // empty: into the folder
};

struct CompareOptions {
  std::string one, other;
  std::string html;  // empty: no page
};

Status list(const Context& context) {
  const auto methods = list_methods();
  return print(context.json ? list_json(methods) : list_text(methods));
}

Status report(const Context& context, const ReportOptions& options) {
  const ReportFiles files = report_files(options.folder, options.out);
  if (!context.dry_run) ZC_TRY(write_report(options.folder, files));
  return print(context.json ? files_json(files) : files_text(files));
}

Status compare(const Context& context, const CompareOptions& options) {
  const Collection one = ZC_TRY(read_folder(options.one));
  const Collection other = ZC_TRY(read_folder(options.other));
  const Comparison comparison = ZC_TRY(bench::compare(one, other));
  if (!options.html.empty() && !context.dry_run)
    ZC_TRY(write_html(compare_document(comparison), options.html));
  return print(context.json ? compare_json(comparison) : compare_text(comparison));
}

}  // namespace

void add_list(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("list", "the methods, and whether this host can");
  command->callback([&context] { context.command = list; });
}

void add_report(CLI::App& app, Context& context) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand("report", "a page and its Markdown from results");
  command->add_option("DIR", options->folder, "folder of results")->required();
  command->add_option("--out", options->out, "NAME.html, or a folder; into DIR if not given");
  command->callback([options, &context] {
    context.command = [options](const Context& c) { return report(c, *options); };
  });
}

void add_compare(CLI::App& app, Context& context) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command = app.add_subcommand("compare", "two hosts or kernels beside each other");
  command->add_option("DIR", options->one, "folder of results")->required();
  command->add_option("OTHER", options->other, "the other host's")->required();
  command->add_option("--html", options->html, "write a page, too");
  command->callback([options, &context] {
    context.command = [options](const Context& c) { return compare(c, *options); };
  });
}

}  // namespace zc::bench::cli
