// SPDX-License-Identifier: GPL-2.0-only
#include "measure/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "cli/context.h"
#include "cli/list.h"
#include "report/compare.h"
#include "report/table.h"
#include "report/write.h"
#include "suites/suites.h"

namespace zc::cli {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  bench::RunRequest request;
  std::string out = "bench-results";
  bool profile = false;
};

struct ReportOptions {
  std::string folder;
  std::string out;  // empty: into the folder
};

struct CompareOptions {
  std::string one, other;
  std::string html;  // empty: no page
};

// Before measuring, so that nobody does so for an hour and then loses it. Returns whether the
// folder is new.
Result<bool> make_folder(const fs::path& folder) {
  std::error_code failed;
  const bool is_new = fs::create_directories(folder, failed);
  if (failed) return system_error(failed.value(), "--out " + folder.string());
  if (access(folder.c_str(), W_OK) != 0) return system_error(errno, "--out " + folder.string());
  return is_new;
}

// "streaming-2026-01-31T120000Z.json": one for each run, and `ls` puts them in order. Of several
// that began in the same second the later ones are numbered.
fs::path file_name(const bench::Results& results, unsigned number) {
  std::string date = results.date;
  std::erase(date, ':');
  return results.suite + "-" + date + (number > 1 ? fmt::format("-{}", number) : "") + ".json";
}

// The file of a run, which is rewritten as the run goes on. Its name is taken when it is written
// first: no other run's file is replaced.
class ResultFile {
 public:
  explicit ResultFile(const fs::path& folder) : folder_(fs::absolute(folder)) {}

  const fs::path& path() const { return path_; }

  // Another file first, which then takes the name: who is killed meanwhile keeps the one before.
  Status replace(const bench::Results& results) {
    const fs::path part = folder_ / fmt::format("{}.{}.part", results.suite, getpid());
    Status status = bench::write_text(part.string(), bench::to_json(results));
    if (status) status = path_.empty() ? take_name(part, results) : rename(part);
    std::error_code ignored;
    if (!status) fs::remove(part, ignored);
    return status;
  }

 private:
  Status rename(const fs::path& part) const {
    std::error_code failed;
    fs::rename(part, path_, failed);
    return failed ? Status(system_error(failed.value(), "cannot write " + path_.string())) : ok();
  }

  Status take_name(const fs::path& part, const bench::Results& results) {
    for (unsigned number = 1;; number++) {
      const fs::path path = folder_ / file_name(results, number);
      if (renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
        path_ = path;
        return ok();
      }
      if (errno == EEXIST) continue;
      // A file system that cannot do that.
      if (errno != EINVAL) return system_error(errno, "cannot write " + path.string());
      path_ = path;
      return rename(part);
    }
  }

  fs::path folder_, path_;
};

std::string text_of(const Context& context, const bench::Results& results) {
  if (context.json) return bench::to_json(results);
  const std::string tables = bench::table(results);
  return bench::suite_id(results.suite) == bench::SuiteId::kBars
             ? tables + bench::bars_table(results)
             : tables;
}

// What was measured is kept, also where the run failed or was interrupted.
Status keep(const Context& context, const bench::Results& results, ResultFile& file) {
  ZC_TRY(file.replace(results));
  fmt::print(stderr, "zcctl: results in {}\n", file.path().string());
  return print(text_of(context, results));
}

// And while it goes on, for hours perhaps. Where that fails it may yet succeed at the end.
void keep_so_far(const bench::Results& results, ResultFile& file) {
  const Status status = file.replace(results);
  if (!status) fmt::print(stderr, "\nzcctl: {}\n", status.error().message);
}

Status run(const Context& context, const RunOptions& options) {
  const bench::RunPlan plan = ZC_TRY(bench::plan_run(options.request));
  if (context.dry_run) return print(context.json ? bench::plan_json(plan) : bench::plan_text(plan));
  const bool is_new = ZC_TRY(make_folder(options.out));
  ResultFile file(options.out);
  bench::Results results;
  Status status = bench::run(plan, results, options.profile,
                             [&](const bench::Results& so_far) { keep_so_far(so_far, file); });
  if (!results.cases.empty()) ZC_TRY(keep(context, results, file));
  if (results.cases.empty() && is_new) fs::remove(options.out);
  return status;
}

Status list(const Context& context) {
  const auto methods = bench::list_methods();
  return print(context.json ? bench::list_json(methods) : bench::list_text(methods));
}

Status report(const Context& context, const ReportOptions& options) {
  const bench::ReportFiles files = bench::report_files(options.folder, options.out);
  if (!context.dry_run) ZC_TRY(bench::write_report(options.folder, files));
  return print(context.json ? bench::files_json(files) : bench::files_text(files));
}

Status compare(const Context& context, const CompareOptions& options) {
  const bench::Collection one = ZC_TRY(bench::read_folder(options.one));
  const bench::Collection other = ZC_TRY(bench::read_folder(options.other));
  const bench::Comparison comparison = ZC_TRY(bench::compare(one, other));
  if (!options.html.empty() && !context.dry_run)
    ZC_TRY(bench::write_html(bench::compare_document(comparison), options.html));
  return print(context.json ? bench::compare_json(comparison) : bench::compare_text(comparison));
}

void add_run(CLI::App& bench, Context& context) {
  const auto options = std::make_shared<RunOptions>();
  bench::RunRequest& request = options->request;
  CLI::App* command = bench.add_subcommand("run", "measure, in namespaces of its own; root");
  command->add_option("--suite", request.suite,
                      bench::suite_names() + "; " + request.suite + " if not given");
  command->add_option("--env", request.environments, bench::environment_names())->delimiter(',');
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
    context.command = [options](Context& c) { return run(c, *options); };
  });
}

void add_report(CLI::App& bench, Context& context) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* command = bench.add_subcommand("report", "a page and its Markdown from results");
  command->add_option("DIR", options->folder, "folder of results")->required();
  command->add_option("--out", options->out, "NAME.html, or a folder; into DIR if not given");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return report(c, *options); };
  });
}

void add_compare(CLI::App& bench, Context& context) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command = bench.add_subcommand("compare", "two hosts or kernels beside each other");
  command->add_option("DIR", options->one, "folder of results")->required();
  command->add_option("OTHER", options->other, "the other host's")->required();
  command->add_option("--html", options->html, "write a page, too");
  command->callback([options, &context] {
    context.command = [options](Context& c) { return compare(c, *options); };
  });
}

}  // namespace

void add_bench(CLI::App& app, Context& context) {
  CLI::App* bench = app.add_subcommand("bench", "what each way of sending stored bytes costs");
  bench->require_subcommand(1);
  bench->fallthrough();
  CLI::App* methods = bench->add_subcommand("list", "the methods, and whether this host can");
  methods->callback([&context] { context.command = [](Context& c) { return list(c); }; });
  add_run(*bench, context);
  add_report(*bench, context);
  add_compare(*bench, context);
}

}  // namespace zc::cli
