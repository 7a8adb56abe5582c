// SPDX-License-Identifier: GPL-2.0-only
// The papers' figures, with today's bars: same order, same grouping. A panel for each of their
// groups, which are packet sizes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "papers.h"
#include "report.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

enum class Unit : uint8_t { kRatio, kSeconds };
using Wanted = std::function<bool(const Case& c, const Row& row)>;

Tone tone_of(const Case& c, const Row& row) {
  if (row.rtp == HeaderBy::kZcctl) return Tone::kZcctl;
  const Row* const baseline = find_row(c, c.baseline);
  const bool all_without = baseline != nullptr && baseline->rtp == HeaderBy::kNone;
  if (row.rtp == HeaderBy::kApplication || (row.rtp == HeaderBy::kNone && all_without))
    return Tone::kApplication;
  return Tone::kReference;  // none, or stored in the file
}

Bar bar_of(const Case& c, const Row& row, Unit unit) {
  Bar bar;
  bar.label = row.method;
  bar.tone = tone_of(c, row);
  const bool by_ratio = unit == Unit::kRatio;
  if (!has_figure(row) || (by_ratio && row.ratio.rounds == 0)) {
    bar.missing = !row.valid()      ? to_string(row.state)
                  : has_figure(row) ? "no baseline"
                                    : "no round";
    return bar;
  }
  bar.value = by_ratio ? row.ratio : row.cpu_s_per_gb;
  bar.figure = fmt::format("{:.2f}", bar.value.median);
  if (!by_ratio && row.ratio.rounds > 0) bar.figure += fmt::format("  ×{:.2f}", row.ratio.median);
  if (by_ratio && row.method != c.baseline)
    bar.paper = paper_ratio(row.method, c.baseline, c.payload_bytes);
  return bar;
}

// "MTU 1500, CPU time of the machine, noise floor 1.2 %": one figure may have both kinds of time.
std::string note_of(const Case& c) {
  const std::string note = fmt::format("MTU {}, CPU time of the {}, noise floor {}", c.mtu,
                                       to_string(c.metric), noise_of(c));
  return ranges_note(c).empty() ? note : note + "; " + ranges_note(c);
}

// Ours have one list for all suites; what the suite's table in the paper has comes first.
std::vector<const Row*> in_papers_order(const Case& c) {
  const auto list = suite_id(c.suite) == SuiteId::kDownload ? paper_download() : paper_streaming();
  const auto rank = [&](const Row& row) {
    const PaperMethod* const method = find_paper_method(list, row.method);
    return method == nullptr ? list.size() : static_cast<size_t>(method - list.data());
  };
  std::vector<const Row*> rows;
  for (const Row& row : c.rows)
    rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Row* one, const Row* other) { return rank(*one) < rank(*other); });
  return rows;
}

Panel panel_of(const Case& c, Unit unit, const Wanted& wanted) {
  Panel panel;
  panel.title = size_text(c);
  panel.note = note_of(c);
  panel.x_axis = unit == Unit::kRatio ? "CPU time, " + c.baseline + " = 1" : "CPU s per GB";
  const Row* const baseline = find_row(c, c.baseline);
  if (unit == Unit::kRatio) panel.reference = 1;
  if (unit == Unit::kSeconds && baseline != nullptr)
    panel.reference = baseline->cpu_s_per_gb.median;
  for (const Row* const row : in_papers_order(c)) {
    if (!row->again && wanted(c, *row)) panel.bars.push_back(bar_of(c, *row, unit));
  }
  return panel;
}

// Panels without any row, e.g. of another transport, are not there at all.
void add_panels(Figure& figure, const std::vector<Measured>& cases, const std::string& environment,
                Unit unit, const Wanted& wanted) {
  for (const Measured& m : cases) {
    if (m.c->environment != environment) continue;
    Panel panel = panel_of(*m.c, unit, wanted);
    if (!panel.bars.empty()) figure.panels.push_back(std::move(panel));
  }
}

Wanted paper_rows(std::span<const PaperMethod> list, bool enhanced) {
  return [=](const Case& c, const Row& row) {
    const PaperMethod* const method = find_paper_method(list, row.method);
    return row.method == c.baseline || (method != nullptr && method->enhanced == enhanced);
  };
}

Wanted streaming_rows() {
  return [](const Case&, const Row& row) {
    return find_paper_method(paper_streaming(), row.method) != nullptr;
  };
}

// Those beside the papers' best and zcctl's.
Wanted todays_rows() {
  return [](const Case& c, const Row& row) {
    return row.method == c.baseline || row.rtp == HeaderBy::kZcctl ||
           find_paper_method(paper_streaming(), row.method) == nullptr;
  };
}

Wanted of_transport(Transport transport) {
  return [=](const Case&, const Row& row) { return row.transport == transport; };
}

Figure make_figure(const std::string& id, const std::string& title, const std::string& caption,
                   const std::vector<Measured>& cases, const std::string& environment, Unit unit,
                   const Wanted& wanted) {
  Figure figure{id + "-" + environment, title, line(caption), {}, "", {}};
  add_panels(figure, cases, environment, unit, wanted);
  figure.why_empty = "No row of this figure has a valid measurement on " + environment +
                     ", or the baseline has none; the table of rows without a figure says why.";
  return figure;
}

constexpr const char* kStandIns =
    "The paper's patched calls are stood in for by what an unpatched Linux has; see the tables.";

}  // namespace

Block nothing(const std::string& id, const std::string& title, SuiteId suite) {
  return Figure{id,
                title,
                {},
                {},
                "Not measured: no result of this suite is in the folder. zcctl bench run --suite " +
                    std::string(to_string(suite)) + " makes one.",
                {}};
}

std::vector<Block> streaming_figures(const Collection& collection) {
  const auto cases = collection.of_suite(SuiteId::kStreaming);
  std::vector<Block> blocks{Heading{2, "Streaming with RTP headers"}};
  if (cases.empty())
    blocks.push_back(nothing("figure-5", "Paper 002, Figures 4 and 5.", SuiteId::kStreaming));
  for (const std::string& name : environments_of(cases)) {
    blocks.push_back(make_figure("figure-5",
                                 "Paper 002, Figure 5, on " + name + ": relative to read_writev.",
                                 std::string("Shorter is cheaper. ") + kStandIns, cases, name,
                                 Unit::kRatio, streaming_rows()));
    blocks.push_back(
        make_figure("figure-4a", "Paper 002, Figure 4(a), on " + name + ": existing mechanisms.",
                    "CPU seconds for 10⁹ bytes of payload, and × the baseline's, which is "
                    "the dashed line.",
                    cases, name, Unit::kSeconds, paper_rows(paper_streaming(), false)));
    blocks.push_back(
        make_figure("figure-4b", "Paper 002, Figure 4(b), on " + name + ": enhanced mechanisms.",
                    kStandIns, cases, name, Unit::kSeconds, paper_rows(paper_streaming(), true)));
    blocks.push_back(make_figure("todays", "Today's other ways, on " + name + ".",
                                 "Beside them zcctl's, relative to the same baseline. The ways "
                                 "without RTP are floors, not rivals.",
                                 cases, name, Unit::kRatio, todays_rows()));
  }
  return blocks;
}

std::vector<Block> rival_figures(const Collection& collection) {
  const auto cases = collection.of_suite(SuiteId::kRivals);
  if (cases.empty()) return {};
  std::vector<Block> blocks{Heading{2, "Today's rivals"}};
  for (const std::string& name : environments_of(cases))
    blocks.push_back(make_figure("rivals", "The best of today's ways, on " + name + ".",
                                 "Relative to the baseline; shorter is cheaper.", cases, name,
                                 Unit::kRatio, [](const Case&, const Row&) { return true; }));
  return blocks;
}

std::vector<Block> download_figures(const Collection& collection) {
  const auto cases = collection.of_suite(SuiteId::kDownload);
  std::vector<Block> blocks{Heading{2, "Content download"}};
  if (cases.empty())
    blocks.push_back(nothing("figure-3", "Paper 002, Figure 3.", SuiteId::kDownload));
  for (const std::string& name : environments_of(cases)) {
    const std::array figures{
        make_figure("figure-3a", "Paper 002, Figure 3(a), on " + name + ": UDP.",
                    std::string("Relative to read_write. ") + kStandIns, cases, name, Unit::kRatio,
                    of_transport(Transport::kUdp)),
        make_figure("figure-3b", "Paper 002, Figure 3(b), on " + name + ": TCP.",
                    "Relative to read_write.", cases, name, Unit::kRatio,
                    of_transport(Transport::kTcp))};
    // Devices that are only for one of them have no figure of the other.
    for (const Figure& figure : figures) {
      if (!figure.panels.empty()) blocks.push_back(figure);
    }
  }
  return blocks;
}

}  // namespace zc::bench
