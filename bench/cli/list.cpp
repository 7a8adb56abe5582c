// SPDX-License-Identifier: GPL-2.0-only
#include "cli/list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/table.h"

namespace zc::bench {
namespace {

constexpr int kListSchema = 1;
constexpr int kPlanSchema = 1;

std::string dash_if_empty(const std::string& text) {
  return text.empty() ? "-" : text;
}

// Each method, the baseline again, and as long without any.
double timed_seconds(const RunPlan& plan) {
  double seconds = 0;
  for (const CasePlan& c : plan.cases)
    seconds += plan.rounds * plan.seconds * static_cast<double>(c.methods.size() + 2);
  return seconds;
}

nlohmann::ordered_json case_json(const CasePlan& c) {
  nlohmann::ordered_json json{{"suite", c.suite},
                              {"environment", c.environment->name},
                              {"payload_bytes", c.payload_bytes},
                              {"mtu", c.mtu},
                              {"file", to_string(file_kind(c.source))},
                              {"methods", nlohmann::ordered_json::array()}};
  for (const Method* const method : c.methods)
    json["methods"].push_back(method->name);
  return json;
}

}  // namespace

std::string list_text(const std::vector<Listed>& methods) {
  std::vector<std::vector<std::string>> rows{
      {"method", "in the papers", "suites", "over", "RTP by", "needs", "here"}};
  for (const Listed& m : methods)
    rows.push_back({m.name, dash_if_empty(m.paper), m.suites, m.transport, m.rtp,
                    dash_if_empty(m.needs), m.missing.empty() ? "yes" : "no: " + m.missing});
  return in_columns(rows);
}

std::string list_json(const std::vector<Listed>& methods) {
  nlohmann::ordered_json json{{"schema", kListSchema},
                              {"methods", nlohmann::ordered_json::array()}};
  for (const Listed& m : methods) {
    json["methods"].push_back({{"name", m.name},
                               {"paper", m.paper},
                               {"suites", m.suites},
                               {"transport", m.transport},
                               {"rtp", m.rtp},
                               {"needs", m.needs},
                               {"available", m.missing.empty()},
                               {"why_not", m.missing}});
  }
  return json.dump() + "\n";
}

std::string plan_text(const RunPlan& plan) {
  std::string text;
  for (const CasePlan& c : plan.cases) {
    text += fmt::format("{}, {}, {} bytes, MTU {}, {} file:", c.suite, c.environment->name,
                        c.payload_bytes, c.mtu, to_string(file_kind(c.source)));
    for (const Method* const method : c.methods)
      text += fmt::format(" {}", method->name);
    text += '\n';
  }
  text += fmt::format("{} rounds and one that is thrown away, seed {}", plan.rounds, plan.seed);
  if (plan.seconds <= 0) return text + ", smoke: a few packets each\n";
  return text + fmt::format(", {} s a run: about {:.0f} minutes\n", plan.seconds,
                            timed_seconds(plan) / 60);
}

std::string plan_json(const RunPlan& plan) {
  nlohmann::ordered_json json{{"schema", kPlanSchema},
                              {"suite", plan.suite},
                              {"rounds", plan.rounds},
                              {"seconds", plan.seconds},
                              {"seed", plan.seed},
                              {"total_seconds", timed_seconds(plan)},
                              {"cases", nlohmann::ordered_json::array()}};
  for (const CasePlan& c : plan.cases)
    json["cases"].push_back(case_json(c));
  return json.dump() + "\n";
}

}  // namespace zc::bench
