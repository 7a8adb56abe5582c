// SPDX-License-Identifier: GPL-2.0-only
#include "report/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "results/figures.h"

namespace zc::bench {
namespace {

const Measured* find_same(const Collection& collection, const Case& c) {
  const auto found = std::find_if(collection.cases.begin(), collection.cases.end(),
                                  [&](const Measured& m) { return is_same(*m.c, c); });
  return found == collection.cases.end() ? nullptr : &*found;
}

Status check_same(const Collection& one, const Collection& other, const char* which) {
  for (const Measured& m : one.cases) {
    if (find_same(other, *m.c) == nullptr)
      return failed_error(fmt::format("cannot compare: only the {} has {}", which, name_of(*m.c)),
                          "run the same suite, environments and sizes on both");
  }
  return ok();
}

// How two runs of one case were measured differently.
std::vector<std::string> differences(const Measured& one, const Measured& other) {
  std::vector<std::string> found;
  const auto check = [&](const char* what, auto first, auto second) {
    if (first != second) found.push_back(fmt::format("{}: {} and {}", what, first, second));
  };
  check("MiB of the file", one.c->file_bytes >> 20, other.c->file_bytes >> 20);
  check("seconds a run", one.run->seconds, other.run->seconds);
  check("rounds", rounds_of(*one.c), rounds_of(*other.c));
  return found;
}

// "seconds a run: 2 and 5, in 7 of 9 cases".
std::vector<std::string> all_differences(const Collection& one, const Collection& other) {
  std::map<std::string, size_t> cases;
  for (const Measured& m : one.cases) {
    for (const std::string& difference : differences(m, *find_same(other, *m.c)))
      cases[difference]++;
  }
  std::vector<std::string> found;
  found.reserve(cases.size());
  for (const auto& [difference, count] : cases)
    found.push_back(fmt::format("{}, in {} of {} cases", difference, count, one.cases.size()));
  return found;
}

bool all_by_machine(const Collection& collection) {
  return std::all_of(collection.cases.begin(), collection.cases.end(),
                     [](const Measured& m) { return m.c->metric == Metric::kMachine; });
}

Estimate seconds_per_gb(const Row* row, const Case& c, Metric metric) {
  std::vector<double> values;
  if (row == nullptr || !row->valid()) return {};
  for (const Sample& sample : row->samples)
    values.push_back(ns_per_packet(sample, metric) / c.payload_bytes);
  return estimate(std::move(values));
}

std::string why_none(const char* which, const Row* row, const Estimate& figure) {
  if (row == nullptr) return fmt::format("{}: not measured", which);
  if (!row->valid()) return fmt::format("{}: {}, {}", which, to_string(row->state), row->why);
  return figure.rounds == 0 ? fmt::format("{}: no round", which) : std::string();
}

std::string why_none(const Row* one, const Row* other, const ComparedRow& row) {
  const std::string first = why_none("first", one, row.one);
  const std::string second = why_none("second", other, row.other);
  if (!first.empty() || !second.empty())
    return first + (first.empty() || second.empty() ? "" : "; ") + second;
  return row.ratio.rounds == 0 ? "first: its time is not surely above 0" : "";
}

ComparedRow compare_rows(const Case& c, const Row* one, const Row* other, Metric metric) {
  ComparedRow row;
  row.name = name_of(c);
  row.suite = c.suite;
  row.environment = c.environment;
  row.transport = c.transport;
  row.size = size_text(c);
  row.mtu = c.mtu;
  row.method = (one != nullptr ? one : other)->method;
  row.one = seconds_per_gb(one, c, metric);
  row.other = seconds_per_gb(other, c, metric);
  row.ratio = ratio_of_two(row.other, row.one);
  row.why = why_none(one, other, row);
  row.different = row.ratio.certain() && (row.ratio.low > 1 || row.ratio.high < 1);
  return row;
}

void add_case(const Case& one, const Case& other, Comparison& comparison) {
  for (const Row& row : one.rows) {
    if (!row.again)
      comparison.rows.push_back(
          compare_rows(one, &row, find_row(other, row.method), comparison.metric));
  }
  for (const Row& row : other.rows) {
    if (!row.again && find_row(one, row.method) == nullptr)
      comparison.rows.push_back(compare_rows(one, nullptr, &row, comparison.metric));
  }
}

bool is_range(const ComparedRow& row) {
  return row.ratio.rounds > 0 && !row.ratio.certain();
}

}  // namespace

Result<Comparison> compare(const Collection& one, const Collection& other) {
  ZC_TRY(check_same(one, other, "first"));
  ZC_TRY(check_same(other, one, "second"));
  if (one.cases.empty()) return failed_error("nothing to compare: no cases");
  Comparison comparison;
  comparison.one = origin_of(one);
  comparison.other = origin_of(other);
  // Samples have both times; what is compared must be the same of both.
  comparison.metric =
      all_by_machine(one) && all_by_machine(other) ? Metric::kMachine : Metric::kProcess;
  comparison.smoke = one.smoke() || other.smoke();
  comparison.differences = all_differences(one, other);
  for (const Measured& m : one.cases)
    add_case(*m.c, *find_same(other, *m.c)->c, comparison);
  comparison.few_rounds = std::any_of(comparison.rows.begin(), comparison.rows.end(), is_range);
  return comparison;
}

}  // namespace zc::bench
