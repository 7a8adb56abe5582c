#include "bench/report/collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

namespace zc::bench {
namespace {

namespace fs = std::filesystem;

auto key_of(const Case& c) {
  return std::tie(c.suite, c.environment, c.transport, c.payload_bytes, c.file, c.mtu);
}

bool same(const Measured& one, const Measured& other) {
  return key_of(*one.c) == key_of(*other.c);
}

bool has_figures(const Case& c) {
  return std::any_of(c.rows.begin(), c.rows.end(),
                     [](const Row& row) { return row.ns_per_packet.rounds > 0; });
}

// Runs come by date, so that the later one of two equals is the newer.
bool better(const Measured& one, const Measured& than) {
  const auto rank = [](const Measured& m) { return std::tuple(has_figures(*m.c), !m.run->smoke); };
  return rank(one) >= rank(than);
}

size_t rank_of(const std::string& name, std::initializer_list<const char*> order) {
  const auto* const found = std::find(order.begin(), order.end(), name);
  return static_cast<size_t>(found - order.begin());
}

bool before(const Measured& one, const Measured& other) {
  const auto key = [](const Case& c) {
    return std::tuple(rank_of(c.suite, {"download", "streaming", "rivals", "loan", "bars"}),
                      c.suite, rank_of(c.environment, {"nic", "nic-uso", "veth"}), c.environment,
                      c.mtu, c.payload_bytes, c.file != "large");
  };
  return key(*one.c) < key(*other.c);
}

void add(Collection& collection, const Measured& one) {
  const auto found = std::find_if(collection.cases.begin(), collection.cases.end(),
                                  [&](const Measured& m) { return same(m, one); });
  if (found == collection.cases.end()) return collection.cases.push_back(one);
  const Measured loser = better(one, *found) ? *found : one;
  if (better(one, *found)) *found = one;
  collection.left_out.push_back(
      fmt::format("{} of {}: measured {}", name_of(*loser.c), loser.run->date,
                  loser.run->smoke ? "in a longer run or later" : "later"));
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> result_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<Measured> Collection::of_suite(const std::string& suite) const {
  std::vector<Measured> chosen;
  std::copy_if(cases.begin(), cases.end(), std::back_inserter(chosen),
               [&](const Measured& m) { return m.c->suite == suite; });
  return chosen;
}

bool Collection::smoke() const {
  return std::any_of(cases.begin(), cases.end(), [](const Measured& m) { return m.run->smoke; });
}

Collection collect(std::vector<Results> runs) {
  std::stable_sort(runs.begin(), runs.end(),
                   [](const Results& one, const Results& other) { return one.date < other.date; });
  Collection collection;
  for (Results& run : runs)
    collection.runs.push_back(std::make_unique<const Results>(std::move(run)));
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
    return Error{ExitCode::kExists, folder + " is not a folder", "zcctl bench run makes one", {}};
  std::vector<Results> runs;
  std::vector<std::string> left_out;
  for (const fs::path& path : result_files(folder)) {
    auto results = from_json(read_text(path));
    if (results)
      runs.push_back(*std::move(results));
    else
      left_out.push_back(path.filename().string() + ": " + results.error().message);
  }
  if (runs.empty())
    return Error{ExitCode::kExists,
                 "no results in " + folder,
                 left_out.empty() ? "zcctl bench run --out " + folder : left_out.front(),
                 {}};
  Collection collection = collect(std::move(runs));
  collection.left_out.insert(collection.left_out.begin(), left_out.begin(), left_out.end());
  return collection;
}

std::string size_text(const Case& c) {
  return fmt::format("{} bytes{}", c.payload_bytes,
                     c.file == "large" ? std::string() : fmt::format(", {} file", c.file));
}

std::string name_of(const Case& c) {
  const std::string transport =
      c.transport.empty() || c.transport == "UDP" ? "" : " " + c.transport;
  return fmt::format("{}, {}{}, {}", c.suite, c.environment, transport, size_text(c));
}

}  // namespace zc::bench
