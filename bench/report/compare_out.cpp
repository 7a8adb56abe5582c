// SPDX-License-Identifier: GPL-2.0-only
// A comparison as text, JSON and a page.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "report/compare.h"
#include "report/table.h"

namespace zc::bench {
namespace {

constexpr int kCompareSchema = 1;

std::vector<std::string> warnings(const Comparison& comparison) {
  std::vector<std::string> found;
  if (comparison.smoke) found.emplace_back("SMOKE: short runs, no figures to quote.");
  if (comparison.few_rounds)
    found.push_back(
        fmt::format("Fewer than {} rounds in some: [ranges], no intervals, and no "
                    "difference is named.",
                    kFewestRounds));
  for (const std::string& difference : comparison.differences)
    found.push_back("Not measured alike: " + difference + ".");
  return found;
}

std::string heading(const Comparison& comparison) {
  std::string text = fmt::format(
      "first:  {}\nsecond: {}\nCPU seconds per GB of the {}; * where the 95 % intervals do not "
      "overlap\n",
      comparison.one, comparison.other, to_string(comparison.metric));
  for (const std::string& warning : warnings(comparison))
    text += warning + "\n";
  return text;
}

std::string change_of(const ComparedRow& row) {
  if (!row.ratio.certain()) return "too few rounds";
  if (!row.different) return "no difference shown";
  return row.ratio.median < 1 ? "second needs less" : "second needs more";
}

// Rows of one case stand together.
std::vector<std::span<const ComparedRow>> by_case(const Comparison& comparison) {
  std::vector<std::span<const ComparedRow>> cases;
  std::span<const ComparedRow> rest(comparison.rows);
  while (!rest.empty()) {
    const auto end = std::find_if(rest.begin(), rest.end(), [&](const ComparedRow& row) {
      return row.name != rest.front().name;
    });
    const auto count = static_cast<size_t>(end - rest.begin());
    cases.push_back(rest.first(count));
    rest = rest.subspan(count);
  }
  return cases;
}

nlohmann::ordered_json json_of(const Estimate& estimate) {
  if (estimate.rounds == 0) return nullptr;
  return {{"median", estimate.median},
          {"low", estimate.low},
          {"high", estimate.high},
          {"rounds", estimate.rounds}};
}

}  // namespace

std::string compare_text(const Comparison& comparison) {
  std::string text = heading(comparison);
  for (const auto& rows : by_case(comparison)) {
    std::vector<std::vector<std::string>> cells{{"method", "first", "second", "second to first"}};
    for (const ComparedRow& row : rows)
      cells.push_back(
          {row.method, with_interval(row.one, 3), with_interval(row.other, 3),
           row.why.empty() ? with_interval(row.ratio) + (row.different ? " *" : "") : row.why});
    text += "\n" + rows.front().name + "\n" + in_columns(cells);
  }
  return text;
}

std::string compare_json(const Comparison& comparison) {
  nlohmann::ordered_json json{{"schema", kCompareSchema},
                              {"first", comparison.one},
                              {"second", comparison.other},
                              {"metric", to_string(comparison.metric)},
                              {"smoke", comparison.smoke},
                              {"differences", comparison.differences},
                              {"rows", nlohmann::ordered_json::array()}};
  for (const ComparedRow& row : comparison.rows)
    json["rows"].push_back({{"suite", row.suite},
                            {"environment", row.environment},
                            {"transport", to_string(row.transport)},
                            {"size", row.size},
                            {"mtu", row.mtu},
                            {"method", row.method},
                            {"first_cpu_s_per_gb", json_of(row.one)},
                            {"second_cpu_s_per_gb", json_of(row.other)},
                            {"ratio", json_of(row.ratio)},
                            {"different", row.different},
                            {"why_not", row.why}});
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Document compare_document(const Comparison& comparison) {
  Document document{"Two hosts beside each other",
                    fmt::format("CPU seconds per GB of the {}", to_string(comparison.metric)),
                    {}};
  document.blocks.emplace_back(
      Bullets{{{strong("First: "), {comparison.one}}, {strong("Second: "), {comparison.other}}}});
  for (const std::string& warning : warnings(comparison))
    document.blocks.emplace_back(Paragraph{line(warning), true});
  document.blocks.emplace_back(
      Paragraph{line("As Table 2 of paper 002. A difference is named only where the 95 % intervals "
                     "of the two do not overlap. The ratio is of the medians, and, in brackets, of "
                     "the ends of the intervals that are farthest from each other.")});
  for (const auto& rows : by_case(comparison)) {
    Table table{
        rows.front().name,
        {{"method"}, {"first", true}, {"second", true}, {"second to first", true}, {"difference"}},
        {}};
    for (const ComparedRow& row : rows)
      table.rows.push_back({{row.method, with_interval(row.one, 3), with_interval(row.other, 3),
                             with_interval(row.ratio), row.why.empty() ? change_of(row) : row.why},
                            row.why.empty() ? RowTone::kPlain : RowTone::kVoid});
    document.blocks.emplace_back(std::move(table));
  }
  return document;
}

}  // namespace zc::bench
