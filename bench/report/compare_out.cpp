// A comparison as text, JSON and a page.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report/compare.h"
#include "bench/report/report.h"

namespace zc::bench {
namespace {

constexpr int kCompareSchema = 1;

std::string heading(const Comparison& comparison) {
  return fmt::format(
      "first:  {}\nsecond: {}\nCPU seconds per GB of the {}; * where the 95 % "
      "intervals do not overlap{}\n",
      comparison.one, comparison.other, comparison.metric,
      comparison.smoke ? "\nSMOKE: short runs, no figures to quote" : "");
}

// Bytes are not columns: "–" takes three of the former.
std::string pad(const std::string& text, size_t width) {
  size_t letters = 0;
  for (const char c : text)
    letters += (c & 0xc0) != 0x80 ? 1 : 0;
  return text + std::string(letters < width ? width - letters : 1, ' ');
}

std::string change_of(const ComparedRow& row) {
  if (!row.different) return "no difference shown";
  return row.ratio.median < 1 ? "second needs less" : "second needs more";
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
  std::string group;
  for (const ComparedRow& row : comparison.rows) {
    const std::string now = row.suite + ", " + row.environment + ", " + row.size;
    if (now != group)
      text += "\n" + now + "\n" + pad("method", 31) + pad("first", 21) + pad("second", 21) +
              "second to first\n";
    group = now;
    text += pad(row.method, 31) + pad(with_interval(row.one, 3), 21) +
            pad(with_interval(row.other, 3), 21);
    text += row.why.empty() ? with_interval(row.ratio) + (row.different ? " *" : "") : row.why;
    text += '\n';
  }
  return text;
}

std::string compare_json(const Comparison& comparison) {
  nlohmann::ordered_json json{
      {"schema", kCompareSchema},   {"first", comparison.one},
      {"second", comparison.other}, {"metric", comparison.metric},
      {"smoke", comparison.smoke},  {"rows", nlohmann::ordered_json::array()}};
  for (const ComparedRow& row : comparison.rows)
    json["rows"].push_back({{"suite", row.suite},
                            {"environment", row.environment},
                            {"size", row.size},
                            {"method", row.method},
                            {"first_cpu_s_per_gb", json_of(row.one)},
                            {"second_cpu_s_per_gb", json_of(row.other)},
                            {"ratio", json_of(row.ratio)},
                            {"different", row.different},
                            {"why_not", row.why}});
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Document compare_document(const Comparison& comparison) {
  Document document{
      "Two hosts beside each other", "CPU seconds per GB of the " + comparison.metric, {}};
  document.blocks.push_back(
      Bullets{{{strong("First: "), {comparison.one}}, {strong("Second: "), {comparison.other}}}});
  if (comparison.smoke)
    document.blocks.push_back(Paragraph{line("SMOKE: short runs, no figures to quote."), true});
  document.blocks.push_back(
      Paragraph{line("As Table 2 of paper 002. A difference is named only where the 95 % intervals "
                     "of the two do not overlap.")});
  Table table{"",
              {{"suite"},
               {"device"},
               {"size"},
               {"method"},
               {"first", true},
               {"second", true},
               {"second to first", true},
               {"difference"}},
              {}};
  for (const ComparedRow& row : comparison.rows)
    table.rows.push_back({{row.suite, row.environment, row.size, row.method,
                           with_interval(row.one, 3), with_interval(row.other, 3),
                           with_interval(row.ratio), row.why.empty() ? change_of(row) : row.why},
                          row.why.empty() ? "" : "void"});
  document.blocks.push_back(table);
  return document;
}

}  // namespace zc::bench
