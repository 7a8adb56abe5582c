// SPDX-License-Identifier: GPL-2.0-only
// The tables of measurements, a case each, and of what could not be measured.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "papers.h"
#include "report.h"
#include "report/table.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

RowTone tone_of(const Case& c, const Row& row) {
  if (!row.valid()) return RowTone::kVoid;
  if (row.rtp == HeaderBy::kZcctl) return RowTone::kZcctl;
  if (row.method == c.baseline) return RowTone::kBaseline;
  const Row* const baseline = find_row(c, c.baseline);
  if (row.rtp == HeaderBy::kApplication || baseline == nullptr || baseline->rtp == row.rtp)
    return RowTone::kPlain;
  return RowTone::kReference;
}

constexpr double kRare = 0.001;

// "1 writev, 1 pread; rarely mmap": a packet's.
std::string calls_of(const Row& row) {
  std::map<std::string, uint64_t> calls;
  uint64_t packets = 0;
  for (const Sample& sample : row.samples) {
    packets += sample.packets;
    for (const auto& [name, count] : sample.calls)
      calls[name] += count;
  }
  std::vector<std::pair<std::string, uint64_t>> sorted(calls.begin(), calls.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& one, const auto& other) { return one.second > other.second; });
  std::string text, rare;
  for (const auto& [name, count] : sorted) {
    if (packets == 0 || count == 0) continue;
    const double each = static_cast<double>(count) / static_cast<double>(packets);
    std::string& list = each < kRare ? rare : text;
    list += (list.empty() ? "" : ", ") +
            (each < kRare ? std::string() : fmt::format("{:.3g} ", each)) + name;
  }
  if (!rare.empty()) text += (text.empty() ? "rarely " : "; rarely ") + rare;
  return text;
}

const PaperMethod* in_papers(const Row& row) {
  for (const auto list : {paper_streaming(), paper_download()}) {
    const PaperMethod* const method = find_paper_method(list, row.method);
    if (method != nullptr) return method;
  }
  return nullptr;
}

// Each method once, as it was in the first case that has its calls: they hardly differ from size to
// size.
Table calls_table(const Collection& collection) {
  Table table{
      "System calls of each way, and what the papers' Tables 3 and 4 say of it (n: packets)",
      {{"method"},
       {"a packet's calls"},
       {"at bytes", true},
       {"paper: calls"},
       {"copies"},
       {"switches"}},
      {}};
  std::set<std::string> seen;
  for (const Measured& m : collection.cases) {
    for (const Row& row : m.c->rows) {
      const std::string calls = calls_of(row);
      if (calls.empty() || !seen.insert(row.method).second) continue;
      const PaperMethod* const paper = in_papers(row);
      TableRow cells{{row.method, calls, fmt::format("{}", m.c->payload_bytes)},
                     row.rtp == HeaderBy::kZcctl ? RowTone::kZcctl : RowTone::kPlain};
      if (paper != nullptr)
        cells.cells.insert(cells.cells.end(), {paper->calls, paper->copies, paper->switches});
      cells.cells.resize(table.columns.size());
      table.rows.push_back(std::move(cells));
    }
  }
  return table;
}

// Why a row has no figure is in a table of its own.
std::vector<std::string> cells_of(const Row& row) {
  const std::string name = row.method + (row.again ? " (again)" : "");
  if (!has_figure(row))
    return {name, to_string(row.rtp), row.valid() ? "no round" : to_string(row.state), "", "", "",
            "",   row.checksum};
  return {name,
          to_string(row.rtp),
          with_interval(row.ratio),
          with_interval(row.cpu_s_per_gb, 3),
          fmt::format("{:.0f}", row.ns_per_packet.median),
          calls_text(row),
          copied_text(row),
          row.checksum};
}

std::string note_of(const Case& c) {
  std::string text = fmt::format(
      "File of {} MiB; CPU time of the {}{}; noise floor {}", c.file_bytes >> 20,
      to_string(c.metric), c.metric_why.empty() ? "" : " (" + c.metric_why + ")", noise_of(c));
  return ranges_note(c).empty() ? text : text + "; " + ranges_note(c);
}

Block case_table(const Case& c) {
  Table table{name_of(c),
              {{"method"},
               {"RTP by"},
               {"times " + c.baseline + "'s", true},
               {"CPU s/GB", true},
               {"ns/pkt", true},
               {"calls/pkt", true},
               {"copied", true},
               {"UDP sum"}},
              {},
              note_of(c)};
  for (const Row& row : c.rows)
    table.rows.push_back({cells_of(row), tone_of(c, row)});
  return table;
}

// Those that are on, be it "on" or "on [fixed]", and one that matters where it is off.
std::set<std::string> features_of(const EnvironmentRecord& environment) {
  std::set<std::string> features;
  for (const auto& [name, state] : environment.features) {
    if (state.starts_with("on"))
      features.insert(name);
    else if (name == "tx-udp-segmentation")
      features.insert(name + ": off");
  }
  return features;
}

// Those with the same value in one row: most mitigations are "Not affected".
void add_pairs(Table& table, const char* what, const std::map<std::string, std::string>& map) {
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& [name, value] : map)
    names[value].push_back(name);
  for (const auto& [value, same] : names)
    table.rows.push_back({{what, fmt::format("{}: {}", fmt::join(same, ", "), value)}});
}

Table runs_table(const std::vector<const Results*>& runs) {
  Table table{"Runs",
              {{"date"}, {"suite"}, {"rounds"}, {"git revision"}, {"one system call"}, {"command"}},
              {}};
  for (const Results* const run : runs) {
    const std::string length = run->smoke ? "SMOKE" : fmt::format("{} s each", run->seconds);
    table.rows.push_back(
        {{run->date, run->suite, fmt::format("{}, {}, seed {}", run->rounds, length, run->seed),
          run->revision, fmt::format("{:.0f} ns", run->host.syscall_ns), run->command}});
  }
  return table;
}

Table host_table(const HostRecord& host) {
  Table table{"Host", {{"what"}, {"value"}}, {}};
  const auto add = [&](const char* what, std::string value) {
    table.rows.push_back({{what, std::move(value)}});
  };
  add("kernel", host.kernel);
  add("CPU", fmt::format("{} × {}, last cache {}", host.cpus, host.cpu_model, host.cpu_cache));
  add("memory", fmt::format("{:.1f} GiB", static_cast<double>(host.memory_bytes) / (1U << 30)));
  add("clock source", host.clocksource);
  add_pairs(table, "net.core", host.sysctls);
  add_pairs(table, "mitigation", host.vulnerabilities);
  return table;
}

bool has_row(const Table& table, const TableRow& row) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const TableRow& other) { return other.cells == row.cells; });
}

// What runs have in common is shown once: hosts and devices.
std::vector<Table> host_tables(const std::vector<const Results*>& runs) {
  std::vector<Table> hosts;
  for (const Results* const run : runs) {
    Table host = host_table(run->host);
    const bool known = std::any_of(hosts.begin(), hosts.end(), [&](const Table& other) {
      return std::all_of(host.rows.begin(), host.rows.end(),
                         [&](const TableRow& row) { return has_row(other, row); });
    });
    if (!known) hosts.push_back(std::move(host));
  }
  return hosts;
}

std::set<std::string> common_features(const std::vector<EnvironmentRecord>& devices) {
  std::set<std::string> common = features_of(devices.front());
  for (const EnvironmentRecord& device : devices) {
    const auto features = features_of(device);
    std::erase_if(common, [&](const std::string& name) { return !features.contains(name); });
  }
  return common;
}

// What all devices have is named once; there are dozens of features.
Table devices_table(const std::vector<EnvironmentRecord>& devices) {
  Table table{"Devices", {{"device"}, {"what"}, {"qdisc"}, {"TCP"}, {"features on"}}, {}};
  std::set<std::string> common;
  if (devices.size() > 1) common = common_features(devices);
  for (const EnvironmentRecord& device : devices) {
    auto features = features_of(device);
    std::erase_if(features, [&](const std::string& name) { return common.contains(name); });
    TableRow row{{device.name, device.what, device.qdisc, device.congestion_control,
                  fmt::format("{}", fmt::join(features, ", "))}};
    if (!has_row(table, row)) table.rows.push_back(std::move(row));
  }
  if (!common.empty())
    table.rows.push_back({{"all", "", "", "", fmt::format("{}", fmt::join(common, ", "))}});
  return table;
}

std::vector<EnvironmentRecord> devices_of(const std::vector<const Results*>& runs) {
  std::vector<EnvironmentRecord> devices;
  for (const Results* const run : runs)
    devices.insert(devices.end(), run->environments.begin(), run->environments.end());
  return devices;
}

}  // namespace

std::vector<Block> case_tables(const Collection& collection) {
  std::vector<Block> blocks{Heading{2, "Every figure"}};
  Table calls = calls_table(collection);
  if (!calls.rows.empty()) blocks.emplace_back(std::move(calls));
  for (const Measured& m : collection.cases)
    blocks.push_back(case_table(*m.c));
  return blocks;
}

std::vector<Block> missing_table(const Collection& collection) {
  // Most reasons are the same in every case: named once, with the cases.
  std::map<std::vector<std::string>, std::string> reasons;
  for (const Measured& m : collection.cases) {
    for (const Row& row : m.c->rows) {
      if (row.valid()) continue;
      std::string& where = reasons[{row.method, to_string(row.state), row.why}];
      where += (where.empty() ? "" : "; ") + name_of(*m.c);
    }
  }
  std::vector<Block> blocks{Heading{2, "Rows without a figure"}};
  if (reasons.empty()) {
    blocks.push_back(Paragraph{line("None: every row counts."), false});
    return blocks;
  }
  Table table{"", {{"method"}, {"state"}, {"why"}, {"where"}}, {}};
  for (const auto& [row, where] : reasons)
    table.rows.push_back({{row[0], row[1], row[2], where}});
  blocks.push_back(table);
  return blocks;
}

std::vector<Block> environment_blocks(const Collection& collection) {
  std::vector<Block> blocks{Heading{2, "Where it was measured"}};
  const auto runs = collection.runs_in_use();
  if (!runs.empty()) blocks.emplace_back(runs_table(runs));
  for (Table& host : host_tables(runs))
    blocks.emplace_back(std::move(host));
  const auto devices = devices_of(runs);
  if (!devices.empty()) blocks.emplace_back(devices_table(devices));
  if (collection.left_out.empty()) return blocks;
  Bullets left_out;
  for (const std::string& text : collection.left_out)
    left_out.lines.push_back(line(text));
  blocks.push_back(Heading{3, "Left out"});
  blocks.push_back(left_out);
  return blocks;
}

}  // namespace zc::bench
