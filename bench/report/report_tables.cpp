// The tables of measurements, a case each, and of what could not be measured.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "bench/report/papers.h"
#include "bench/report/report.h"
#include "bench/report/table.h"

namespace zc::bench {
namespace {

std::string tone_of(const Case& c, const Row& row) {
  if (!row.valid()) return "void";
  if (row.rtp == "zcctl") return "zcctl";
  if (row.method == c.baseline) return "baseline";
  const Row* const baseline = find_row(c, c.baseline);
  if (row.rtp == "application" || baseline == nullptr || baseline->rtp == row.rtp) return "";
  return "reference";
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

bool asked_for_zero_copy(const Row& row) {
  return std::any_of(row.samples.begin(), row.samples.end(),
                     [](const Sample& sample) { return sample.zerocopy_sends > 0; });
}

std::string paper_copies(const Row& row) {
  for (const auto list : {paper_streaming(), paper_download()}) {
    const PaperMethod* const method = find_paper_method(list, row.method);
    if (method != nullptr) return fmt::format("{}; {}", method->copies, method->switches);
  }
  return "";
}

std::vector<std::string> cells_of(const Row& row) {
  std::vector<std::string> cells{row.method + (row.again ? " (again)" : ""), row.rtp};
  if (!row.valid() || row.ns_per_packet.rounds == 0) {
    cells.resize(8, "");
    cells[2] = row.valid() ? "no round" : row.state;
    cells[6] = row.why;
  } else {
    cells.push_back(with_interval(row.ratio));
    cells.push_back(with_interval(row.cpu_s_per_gb, 3));
    cells.push_back(fmt::format("{:.0f}", row.ns_per_packet.median));
    cells.push_back(fmt::format("{:.3g}", row.calls_per_packet));
    cells.push_back(calls_of(row));
    cells.push_back(asked_for_zero_copy(row) ? fmt::format("{:.0f} %", row.copied_share * 100)
                                             : "–");
  }
  cells.push_back(paper_copies(row));
  cells.push_back(row.checksum);
  return cells;
}

Block case_table(const Case& c) {
  Table table{fmt::format("{}: file of {} MiB, MTU {}; CPU time of the {}{}; noise floor {}",
                          name_of(c), c.file_bytes >> 20, c.mtu, c.metric,
                          c.metric_why.empty() ? "" : " (" + c.metric_why + ")", noise_of(c)),
              {{"method"},
               {"RTP by"},
               {"of the baseline's", true},
               {"CPU s/GB", true},
               {"ns/packet", true},
               {"calls/packet", true},
               {"which calls, a packet"},
               {"copied", true},
               {"paper: copies; switches"},
               {"UDP sum by"}},
              {}};
  for (const Row& row : c.rows)
    table.rows.push_back({cells_of(row), tone_of(c, row)});
  return table;
}

std::string features_text(const EnvironmentRecord& environment) {
  std::string on;
  for (const auto& [name, state] : environment.features) {
    // "on" and "on [fixed]"; those that are off and matter are named as well.
    const bool wanted = state.starts_with("on") || name == "tx-udp-segmentation";
    if (!wanted) continue;
    if (!on.empty()) on += ", ";
    on += name;
    if (!state.starts_with("on")) on += ": off";
  }
  return on;
}

void add_pairs(Table& table, const std::string& what,
               const std::map<std::string, std::string>& map) {
  for (const auto& [name, value] : map)
    table.rows.push_back({{fmt::format("{} {}", what, name), value}, ""});
}

Block run_table(const Results& run) {
  const HostRecord& host = run.host;
  Table table{"Run of " + run.date + ", suite " + run.suite, {{"what"}, {"value"}}, {}};
  const auto add = [&](const char* what, std::string value) {
    table.rows.push_back({{what, std::move(value)}, ""});
  };
  add("command", run.command);
  add("git revision", run.revision);
  add("rounds",
      fmt::format("{}, {}, order by seed {}", run.rounds,
                  run.smoke ? "SMOKE" : fmt::format("{} s a run", run.seconds), run.seed));
  add("kernel", host.kernel);
  add("CPU", fmt::format("{} × {}, last cache {}", host.cpus, host.cpu_model, host.cpu_cache));
  add("memory", fmt::format("{:.1f} GiB", static_cast<double>(host.memory_bytes) / (1U << 30)));
  add("clock source", host.clocksource);
  add("one system call", fmt::format("{:.0f} ns (getppid)", host.syscall_ns));
  for (const EnvironmentRecord& environment : run.environments) {
    add(("device " + environment.name).c_str(), environment.what);
    add((environment.name + ": qdisc").c_str(), environment.qdisc);
    add((environment.name + ": features on").c_str(), features_text(environment));
  }
  add_pairs(table, "sysctl net.core.", host.sysctls);
  add_pairs(table, "mitigation", host.vulnerabilities);
  return table;
}

bool is_used(const Collection& collection, const Results& run) {
  return std::any_of(collection.cases.begin(), collection.cases.end(),
                     [&](const Measured& m) { return m.run == &run; });
}

}  // namespace

std::vector<Block> case_tables(const Collection& collection) {
  std::vector<Block> blocks{Heading{2, "Every figure"}};
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
      std::string& where = reasons[{row.method, row.state, row.why}];
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
    table.rows.push_back({{row[0], row[1], row[2], where}, ""});
  blocks.push_back(table);
  return blocks;
}

std::vector<Block> environment_blocks(const Collection& collection) {
  std::vector<Block> blocks{Heading{2, "Where it was measured"}};
  for (const auto& run : collection.runs) {
    if (is_used(collection, *run)) blocks.push_back(run_table(*run));
  }
  if (collection.left_out.empty()) return blocks;
  Bullets left_out;
  for (const std::string& text : collection.left_out)
    left_out.lines.push_back(line(text));
  blocks.push_back(Heading{3, "Left out"});
  blocks.push_back(left_out);
  return blocks;
}

}  // namespace zc::bench
