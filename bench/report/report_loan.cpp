// SPDX-License-Identifier: GPL-2.0-only
// Paper 000: copy or loan, over the size of a send.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "papers.h"
#include "report.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

// What is drawn of a row; rounds == 0: no point.
using Value = std::function<Estimate(const Row& row)>;

enum class Kind : uint8_t {
  kCpuRate,  // with R_max, and over orders of magnitude
  kCpuTime,
  kWall,
};

struct LoanFigure {
  const char* id;
  const char* title;
  const char* caption;
  const char* y_axis;
  Kind kind;
  Value value;
};

bool sends(const Row& row) {
  return row.transport != Transport::kNone;
}

// A count has no interval.
Estimate errors_of(const Row& row) {
  const auto rounds = static_cast<unsigned>(row.samples.size());
  return {row.errors_per_packet, row.errors_per_packet, row.errors_per_packet, rounds};
}

std::vector<LoanFigure> loan_list() {
  return {
      {"loan-rate", "Paper 000, Figures 1 and 2: copy against loan, by CPU time.",
       "R = s/t: what one CPU could send, were there no wire. R_max is what would be left of the "
       "time if copying took none.",
       "Gbit per CPU second", Kind::kCpuRate, [](const Row& row) { return row.cpu_gbit_per_s; }},
      {"loan-overhead", "Paper 000, Figure 3: what moving the data costs.",
       "CPU time of the copy alone, which is loan_send's by definition, and of what is done in "
       "place of it: a way's time less t_2, which is loan_send's without the copy. Below 0 where "
       "the whole way takes less than that.",
       "ns a send", Kind::kCpuTime, [](const Row& row) { return row.movement_ns; }},
      {"loan-sustained", "Paper 000, Figures 4 and 5: sustained UDP throughput.",
       "Payload that left, by the wall clock.", "Gbit/s", Kind::kWall,
       [](const Row& row) { return sends(row) ? row.wall_gbit_per_s : Estimate{}; }},
      {"loan-errors", "Paper 000, Figure 6: send errors.",
       "Sends that found a full queue and were tried again, for each that got through. A device "
       "that is not shown had none.",
       "errors a packet", Kind::kWall,
       [](const Row& row) { return sends(row) ? errors_of(row) : Estimate{}; }},
  };
}

Curve& curve_of(Panel& panel, const std::string& label) {
  const auto found = std::find_if(panel.curves.begin(), panel.curves.end(),
                                  [&](const Curve& one) { return one.label == label; });
  return found != panel.curves.end() ? *found : panel.curves.emplace_back(Curve{label, {}});
}

void add_points(const Case& c, const LoanFigure& wanted, Panel& panel) {
  const auto bytes = static_cast<double>(c.payload_bytes);
  for (const Row& row : c.rows) {
    const Estimate value = row.valid() && !row.again ? wanted.value(row) : Estimate{};
    if (value.rounds > 0) curve_of(panel, row.method).points.push_back({bytes, value});
  }
  if (wanted.kind == Kind::kCpuRate && c.r_max_gbit_per_s.rounds > 0)
    curve_of(panel, "R_max").points.push_back({bytes, c.r_max_gbit_per_s});
}

// Nothing, or nothing but zeros.
bool is_flat(const Panel& panel) {
  return std::all_of(panel.curves.begin(), panel.curves.end(), [](const Curve& curve) {
    return std::all_of(curve.points.begin(), curve.points.end(),
                       [](const Point& point) { return point.y.low == 0 && point.y.high == 0; });
  });
}

// Adds "CPU time of the machine" and the like, once each: a panel has several cases.
void add_note(std::string& note, const std::string& text) {
  if (text.empty() || note.find(text) != std::string::npos) return;
  note += (note.empty() ? "" : "; ") + text;
}

Figure loan_figure(const std::vector<Measured>& cases, const LoanFigure& wanted) {
  Figure figure{wanted.id,
                wanted.title,
                line(wanted.caption),
                {},
                "Nothing to draw: no row of the loan suite has a valid measurement for this, or "
                "all are 0.",
                {}};
  for (const Measured& m : cases) {
    const std::string title = fmt::format("{}, MTU {}", m.c->environment, m.c->mtu);
    auto panel = std::find_if(figure.panels.begin(), figure.panels.end(),
                              [&](const Panel& one) { return one.title == title; });
    if (panel == figure.panels.end()) {
      panel = figure.panels.insert(panel, Panel{});
      panel->title = title;
      panel->x_axis = "bytes a send";
      panel->y_axis = wanted.y_axis;
      panel->log_y = wanted.kind == Kind::kCpuRate;
    }
    if (wanted.kind != Kind::kWall)
      add_note(panel->note, fmt::format("CPU time of the {}", to_string(m.c->metric)));
    add_note(panel->note, ranges_note(*m.c));
    add_points(*m.c, wanted, *panel);
  }
  std::erase_if(figure.panels, is_flat);
  return figure;
}

// Ratio of throughput, so that more is better: round by round, as all ratios are.
Estimate throughput_ratio(const Row& row, const Row& to) {
  return ratio_by(row, to, [](const Sample& sample) {
    return static_cast<double>(sample.packets) / static_cast<double>(sample.wall_ns);
  });
}

// The paper's 45.64 % at 8 KB, and ours: by the wall clock as theirs, and by CPU time.
Table gain_table(const std::vector<Measured>& cases) {
  Table table{
      fmt::format("Loan against copy at {} bytes; the paper: {} % more throughput (Figure 4)",
                  kPaperLoanBytes, kPaperLoanPercent),
      {{"device"},
       {"MTU", true},
       {"throughput, times the copy's", true},
       {"CPU time, times the copy's", true}},
      {}};
  for (const Measured& m : cases) {
    const Row* const copy = find_row(*m.c, "loan_send");
    const Row* const loan = find_row(*m.c, "loan_zerocopy");
    const bool have = copy != nullptr && loan != nullptr && copy->valid() && loan->valid();
    if (m.c->payload_bytes != kPaperLoanBytes || !have) continue;
    table.rows.push_back({{m.c->environment, fmt::format("{}", m.c->mtu),
                           with_interval(throughput_ratio(*loan, *copy)),
                           with_interval(ratio_of(*loan, *copy, m.c->metric))}});
  }
  return table;
}

}  // namespace

std::vector<Block> loan_figures(const Collection& collection) {
  const auto cases = collection.of_suite(SuiteId::kLoan);
  std::vector<Block> blocks{Heading{2, "Copy or loan"}};
  if (cases.empty()) {
    blocks.push_back(nothing("loan", "Paper 000, Figures 1 to 6.", SuiteId::kLoan));
    return blocks;
  }
  for (const LoanFigure& wanted : loan_list())
    blocks.push_back(loan_figure(cases, wanted));
  Table gain = gain_table(cases);
  if (!gain.rows.empty()) blocks.emplace_back(std::move(gain));
  return blocks;
}

}  // namespace zc::bench
