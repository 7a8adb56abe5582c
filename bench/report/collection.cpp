// SPDX-License-Identifier: GPL-2.0-only
#include "report/collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <tuple>

#include "results/figures.h"

namespace zc::bench {
namespace {

namespace fs = std::filesystem;

// What makes one run of a case better than another, the most important first.
constexpr std::array<const char*, 5> kBetterFor{"with figures", "in a longer run",
                                                "in enough rounds for intervals", "of more methods",
                                                "in more rounds"};

// A row that is void was measured, too: a newer run does not lose for having found that out.
size_t rows_measured(const Case& c) {
  return static_cast<size_t>(std::count_if(c.rows.begin(), c.rows.end(), [](const Row& row) {
    return has_figure(row) || row.state == RowState::kVoid;
  }));
}

std::array<size_t, kBetterFor.size()> rank(const Measured& m) {
  const unsigned rounds = rounds_of(*m.c);
  return {rounds > 0 ? 1U : 0U, m.run->smoke ? 0U : 1U, rounds >= kFewestRounds ? 1U : 0U,
          rows_measured(*m.c), rounds};
}

const char* why_better(const Measured& one, const Measured& than) {
  const auto ranks = rank(one), others = rank(than);
  const auto differs = std::mismatch(ranks.begin(), ranks.end(), others.begin()).first;
  return differs == ranks.end() ? "later"
                                : kBetterFor[static_cast<size_t>(differs - ranks.begin())];
}

bool before(const Measured& one, const Measured& other) {
  const auto key = [](const Case& c) {
    // Suites and environments in the order of their kinds, others behind them by name.
    return std::tuple(suite_id(c.suite), c.suite, environment_id(c.environment), c.environment,
                      c.mtu, c.payload_bytes, c.file != FileKind::kLarge);
  };
  return key(*one.c) < key(*other.c);
}

// Runs come by date, so that the later one of two equals is the newer.
void add(Collection& collection, const Measured& one) {
  const auto found = std::find_if(collection.cases.begin(), collection.cases.end(),
                                  [&](const Measured& m) { return is_same(*m.c, *one.c); });
  if (found == collection.cases.end()) return collection.cases.push_back(one);
  Measured loser = one;
  if (rank(one) >= rank(*found)) std::swap(loser, *found);
  collection.left_out.push_back(fmt::format("{} of {}: measured {}", name_of(*loser.c),
                                            loser.run->date, why_better(*found, loser)));
}

Result<Results> read_results(const fs::path& path) {
  errno = 0;
  const std::ifstream file(path);
  if (!file) return system_error(errno, "cannot read it");
  std::stringstream text;
  text << file.rdbuf();
  return from_json(text.str());
}

std::vector<fs::path> result_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    // A pipe of that name would be waited for.
    if (entry.path().extension() == ".json" && entry.is_regular_file(ignored))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<Measured> Collection::of_suite(SuiteId suite) const {
  std::vector<Measured> chosen;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(chosen),
               [&](const Measured& m) { return suite_id(m.c->suite) == suite; });
  return chosen;
}

bool Collection::smoke() const {
  return std::any_of(cases.begin(), cases.end(), [](const Measured& m) { return m.run->smoke; });
}

std::vector<const Results*> Collection::runs_in_use() const {
  std::vector<const Results*> used;
  for (const auto& run : runs) {
    if (std::any_of(cases.begin(), cases.end(),
                    [&](const Measured& m) { return m.run == run.get(); }))
      used.push_back(run.get());
  }
  return used;
}

Collection collect(std::vector<Results> runs) {
  std::stable_sort(runs.begin(), runs.end(),
                   [](const Results& one, const Results& other) { return one.date < other.date; });
  Collection collection;
  for (Results& run : runs) {
    for (Case& c : run.cases)
      derive_figures(c);
    collection.runs.push_back(std::make_unique<const Results>(std::move(run)));
  }
  for (const auto& run : collection.runs) {
    for (const Case& c : run->cases)
      add(collection, {run.get(), &c});
  }
  std::stable_sort(collection.cases.begin(), collection.cases.end(), before);
  return collection;
}

Result<Collection> read_folder(const std::string& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed))
    return not_found_error(folder + " is not a folder", "zcctl bench run makes one");
  std::vector<Results> runs;
  std::vector<std::string> left_out;
  for (const fs::path& path : result_files(folder)) {
    auto results = read_results(path);
    if (results)
      runs.push_back(*std::move(results));
    else
      left_out.push_back(path.filename().string() + ": " + results.error().message);
  }
  if (runs.empty())
    return not_found_error("no results in " + folder,
                           left_out.empty() ? "zcctl bench run --out " + folder : left_out.front());
  Collection collection = collect(std::move(runs));
  collection.left_out.insert(collection.left_out.begin(), left_out.begin(), left_out.end());
  return collection;
}

std::vector<std::string> environments_of(const std::vector<Measured>& cases) {
  std::vector<std::string> names;
  for (const Measured& m : cases) {
    if (std::find(names.begin(), names.end(), m.c->environment) == names.end())
      names.push_back(m.c->environment);
  }
  return names;
}

bool is_same(const Case& one, const Case& other) {
  const auto key = [](const Case& c) {
    return std::tie(c.suite, c.environment, c.transport, c.payload_bytes, c.file, c.mtu);
  };
  return key(one) == key(other);
}

std::string size_text(const Case& c) {
  return fmt::format(
      "{} bytes{}", c.payload_bytes,
      c.file == FileKind::kLarge ? std::string() : fmt::format(", {} file", to_string(c.file)));
}

std::string name_of(const Case& c) {
  const bool usual = c.transport == Transport::kUnknown || c.transport == Transport::kUdp;
  const std::string transport = usual ? "" : fmt::format(" {}", to_string(c.transport));
  return fmt::format("{}, {}{}, {}, MTU {}", c.suite, c.environment, transport, size_text(c),
                     c.mtu);
}

std::string origin_of(const Collection& collection) {
  std::map<std::string, std::vector<std::string>> dates;  // of each host and revision
  for (const Results* const run : collection.runs_in_use()) {
    dates[fmt::format("Linux {} on {} × {}, revision {}", run->host.kernel, run->host.cpus,
                      run->host.cpu_model, run->revision)]
        .push_back(run->date);
  }
  std::string text;
  for (const auto& [where, when] : dates) {
    text += (text.empty() ? "" : "; ") + where + ", " + when.front();
    if (when.size() > 1) text += " to " + when.back();
  }
  return text;
}

}  // namespace zc::bench
