// SPDX-License-Identifier: GPL-2.0-only
// The papers' own numbers beside ours, and what was promised of krtpsendfile.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "papers.h"
#include "report.h"
#include "report/table.h"
#include "results/figures.h"

namespace zc::bench {
namespace {

constexpr unsigned kEthernetMtu = 1500;

bool leaves_in_one_frame(const Case& c) {
  return c.mtu == kEthernetMtu && std::none_of(c.rows.begin(), c.rows.end(), [&](const Row& row) {
           return is_fragmented(c, row);
         });
}

// The paper's "MTU-sized packets": the largest that leaves in one frame of 1500 bytes, in an
// environment each.
std::vector<Measured> mtu_sized(const Collection& collection, SuiteId suite) {
  std::vector<Measured> chosen;
  for (const Measured& m : collection.of_suite(suite)) {
    if (!leaves_in_one_frame(*m.c)) continue;
    const auto same = std::find_if(chosen.begin(), chosen.end(), [&](const Measured& other) {
      return other.c->environment == m.c->environment;
    });
    if (same == chosen.end())
      chosen.push_back(m);
    else if (m.c->payload_bytes > same->c->payload_bytes)
      *same = m;
  }
  return chosen;
}

constexpr double kSeveralTimes = 2;

// "85 % less (84 to 86)", "3 % more (2 to 5)", "11.3 times (11.1 to 11.4)".
std::string saving_text(const Estimate& ratio) {
  if (ratio.rounds == 0) return "not measured";
  if (!ratio.certain()) return "too few rounds: times " + with_interval(ratio);
  if (ratio.median >= kSeveralTimes)
    return fmt::format("{:.1f} times ({:.1f} to {:.1f})", ratio.median, ratio.low, ratio.high);
  const double sign = ratio.median < 1 ? -1 : 1;
  const auto percent = [&](double share) { return sign * (share - 1) * 100; };
  const auto [least, most] = std::minmax({percent(ratio.low), percent(ratio.high)});
  const std::string range =
      fmt::format("({:.0f} to {:.0f} % {})", least, most, sign < 0 ? "less" : "more");
  if (ratio.low <= 1 && ratio.high >= 1) return "no difference shown " + range;
  return fmt::format("{:.0f} % {} ({:.0f} to {:.0f})", percent(ratio.median),
                     sign < 0 ? "less" : "more", least, most);
}

std::string paper_saving_text(const PaperSaving& saving) {
  return fmt::format("{}{:.0f} % {}", saving.at_least ? "at least " : "", std::abs(saving.percent),
                     saving.percent < 0 ? "more" : "less");
}

Estimate ratio_in(const Case& c, const char* method, const char* against) {
  const Row* const row = find_row(c, method);
  const Row* const other = find_row(c, against);
  return row == nullptr || other == nullptr ? Estimate{} : ratio_of(*row, *other, c.metric);
}

Table savings_table(const std::vector<Measured>& cases) {
  Table table{"MTU-sized packets: CPU time, the paper's statement and ours",
              {{"method"}, {"against"}, {"the paper"}, {"said in"}},
              {}};
  for (const Measured& m : cases)
    table.columns.push_back({fmt::format("here: {}, {}", m.c->environment, size_text(*m.c))});
  for (const PaperSaving& saving : paper_savings()) {
    TableRow row{{saving.method, saving.against, paper_saving_text(saving), saving.where}};
    for (const Measured& m : cases)
      row.cells.push_back(saving_text(ratio_in(*m.c, saving.method, saving.against)));
    table.rows.push_back(row);
  }
  return table;
}

std::string per_cpu_text(const Case& c, const char* method) {
  const Row* const row = find_row(c, method);
  return row == nullptr || !has_figure(*row) ? "not measured"
                                             : with_interval(row->cpu_gbit_per_s, 1);
}

Table throughput_table(const std::vector<Measured>& cases) {
  Table table{"What one CPU could send, Gbit/s, reckoned from its time (paper 002, section 6)",
              {{"method"}, {"the paper", true}},
              {}};
  for (const Measured& m : cases)
    table.columns.push_back({fmt::format("here, {} {}", m.c->environment, size_text(*m.c)), true});
  for (const PaperThroughput& one : paper_throughputs()) {
    TableRow row{{one.method, fmt::format("{:.2f}", one.gbit_per_s)}};
    for (const Measured& m : cases)
      row.cells.push_back(per_cpu_text(*m.c, one.method));
    table.rows.push_back(row);
  }
  return table;
}

const Row* find_measured(const Collection& collection, const PaperTime& time, const Case** where) {
  for (const Measured& m : collection.of_suite(time.suite)) {
    const Row* const row = find_row(*m.c, time.method);
    if (row == nullptr || !has_figure(*row) || row->transport != time.transport ||
        !is_of_size(time, m.c->payload_bytes))
      continue;
    *where = m.c;
    return row;
  }
  return nullptr;
}

std::string send_size_text(const PaperTime& time) {
  return time.send_bytes == kWholeFile ? "whole file" : fmt::format("{}", time.send_bytes);
}

Table times_table(const Collection& collection) {
  Table table{"CPU seconds to send 1 GB: the paper's Table 2 and today",
              {{"protocol"},
               {"operation"},
               {"calls"},
               {"bytes", true},
               {"Linux 2.4.21", true},
               {"Linux 2.6.5", true},
               {"here", true},
               {"2.6.5 to here", true},
               {"where"}},
              {}};
  for (const PaperTime& time : paper_times()) {
    const Case* where = nullptr;
    const Row* const row = find_measured(collection, time, &where);
    if (row == nullptr) continue;
    table.rows.push_back(
        {{to_string(time.transport), to_string(time.suite), time.operation, send_size_text(time),
          fmt::format("{:.2f}", time.linux_2_4_21_s), fmt::format("{:.2f}", time.linux_2_6_5_s),
          with_interval(row->cpu_s_per_gb, 3),
          fmt::format("{:.1f}", time.linux_2_6_5_s / row->cpu_s_per_gb.median),
          where->environment}});
  }
  return table;
}

Paragraph syscall_text(const Collection& collection) {
  const HostRecord& host = collection.cases.front().run->host;
  return {
      line(fmt::format("A system call that does nothing took {:.0f} ns there (section 2.2) and "
                       "takes {:.0f} ns here.",
                       kPaperSyscallNs, host.syscall_ns))};
}

// "__copy_from_user_ll 19.4 %"; a module is named, the kernel itself is not.
std::string spot_text(double percent, const std::string& image, const std::string& symbol) {
  const bool kernel = image == "[kernel.kallsyms]" || image == "vmlinux" || image == symbol;
  return fmt::format("{}{} {:.1f} %", symbol, kernel ? "" : " (" + image + ")", percent);
}

// A row for each method, behind which the most expensive come first.
void add_spot(Table& table, const std::string& method, const std::string& text, RowTone tone) {
  if (table.rows.empty() || table.rows.back().cells[0] != method)
    table.rows.push_back({{method, text}, tone});
  else
    table.rows.back().cells[1] += ", " + text;
}

Table paper_profile_table() {
  Table table{"The paper's Table 1: by OProfile, on a Pentium 4", {{"calls"}, {"functions"}}, {}};
  for (const PaperProfile& one : paper_profile())
    add_spot(table, one.method, spot_text(one.percent, one.image, one.symbol), RowTone::kPlain);
  return table;
}

void add_profile(const Case& c, std::vector<Block>& blocks) {
  Table table{name_of(c),
              {{"method"}, {"functions"}},
              {},
              "By perf, cpu-clock; percent of the sending process's samples"};
  for (const Row& row : c.rows) {
    for (const Hotspot& spot : row.profile)
      add_spot(table, row.method, spot_text(spot.percent, spot.image, spot.symbol),
               row.rtp == HeaderBy::kZcctl ? RowTone::kZcctl : RowTone::kPlain);
  }
  if (!table.rows.empty()) blocks.emplace_back(std::move(table));
}

Table judged_table(const char* caption, const std::vector<JudgedBar>& bars) {
  const auto text = [](double bar) { return bar == 0 ? "–" : fmt::format("{:.2f}", bar); };
  Table table{caption,
              {{"ours"},
               {"against"},
               {"device"},
               {"bytes", true},
               {"at most", true},
               {"strive for", true},
               {"here", true},
               {"judgement"}},
              {}};
  for (const JudgedBar& bar : bars)
    table.rows.push_back(
        {{bar.ours, bar.against, bar.environment, fmt::format("{}", bar.payload_bytes),
          text(bar.at_most), text(bar.strive), with_interval(bar.ratio), bar.judgement}});
  return table;
}

}  // namespace

std::vector<Block> paper_tables(const Collection& collection) {
  if (collection.cases.empty()) return {};
  std::vector<Block> blocks{Heading{2, "The papers' numbers beside ours"}};
  const auto cases = mtu_sized(collection, SuiteId::kStreaming);
  if (!cases.empty()) {
    blocks.push_back(savings_table(cases));
    blocks.push_back(throughput_table(cases));
  }
  Table times = times_table(collection);
  if (!times.rows.empty()) blocks.emplace_back(std::move(times));
  blocks.push_back(syscall_text(collection));
  blocks.push_back(Paragraph{line(
      "The paper's times are of user and kernel by getrusage, read from disk; ours are of stored "
      "bytes in the page cache. Compare the ratios. RTP by TCP, and TCP's sendfile with a call for "
      "each piece, which its Table 2 has as well, are not measured here.")});
  blocks.push_back(Paragraph{line(fmt::format(
      "Paper 000 measured up to {} % more throughput by loan than by copy at {} bytes a send "
      "(Figure 4), and found a loan faster from {} bytes on (Figure 2); ours are under Copy or "
      "loan.",
      kPaperLoanPercent, kPaperLoanBytes, kPaperLoanFrom))});
  return blocks;
}

std::vector<Block> bars_blocks(const Collection& collection) {
  Results all;  // as if measured in one run
  for (const Measured& m : collection.cases)
    all.cases.push_back(*m.c);
  return {Heading{2, "What was promised of zcctl's ways"},
          judged_table("CPU time per packet, relative to another way's", judge_bars(all))};
}

std::vector<Block> tcp_blocks(const Collection& collection) {
  Results all;
  for (const Measured& m : collection.of_suite(SuiteId::kTcp))
    all.cases.push_back(*m.c);
  if (all.cases.empty()) return {};
  return {Heading{2, "What RTP over TCP costs"},
          judged_table("CPU time per frame of sender and receiver, relative to another way's",
                       judge_tcp(all))};
}

std::vector<Block> clock_blocks(const Collection& collection) {
  Results all;
  for (const Measured& m : collection.of_suite(SuiteId::kClock))
    all.cases.push_back(*m.c);
  if (all.cases.empty()) return {};
  Table table{"CPU time a packet more than by the wall clock",
              {{"clock"},
               {"against"},
               {"file"},
               {"at most, ns", true},
               {"more, ns", true},
               {"times", true},
               {"noise, ns", true},
               {"judgement"}},
              {}};
  for (const JudgedClock& clock : judge_clocks(all))
    table.rows.push_back({{clock.ours, clock.against, clock.file, at_most_text(clock),
                           with_interval(clock.more_ns, 0), with_interval(clock.ratio),
                           fmt::format("{:.0f}", clock.noise_ns), clock.judgement}});
  return {Heading{2, "What RTP's clocks cost"}, table};
}

std::vector<Block> profile_blocks(const Collection& collection) {
  std::vector<Block> blocks;
  for (const Measured& m : collection.cases)
    add_profile(*m.c, blocks);
  if (blocks.empty()) return {};
  blocks.insert(blocks.begin(), Heading{2, "The most expensive kernel functions"});
  blocks.emplace_back(paper_profile_table());
  return blocks;
}

}  // namespace zc::bench
