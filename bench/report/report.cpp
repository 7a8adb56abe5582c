#include "bench/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "bench/report/figures.h"
#include "bench/report/papers.h"
#include "bench/report/summary.h"

namespace zc::bench {
namespace {

constexpr double kMostNoise = 0.05;

void append(Document& document, std::vector<Block> blocks) {
  for (Block& block : blocks)
    document.blocks.push_back(std::move(block));
}

std::string host_line(const HostRecord& host) {
  return fmt::format("Linux {} on {} × {}", host.kernel, host.cpus, host.cpu_model);
}

std::string subtitle(const Collection& collection) {
  std::set<std::string> hosts;
  for (const Measured& m : collection.cases)
    hosts.insert(host_line(m.run->host));
  std::string text;
  for (const std::string& host : hosts)
    text += (text.empty() ? "" : "; ") + host;
  const Results& newest = *collection.runs.back();
  return text + fmt::format("; {}; revision {}", newest.date, newest.revision);
}

Paragraph warning(const std::string& text) {
  return {line(text), true};
}

void warn_of_runs(const Collection& collection, Document& document) {
  if (collection.smoke())
    document.blocks.push_back(
        warning("SMOKE: some of these figures come from short runs (--quick), which show that it "
                "works, not how fast it is. None of them is to be quoted."));
  for (const auto& run : collection.runs) {
    if (run->interrupted)
      document.blocks.push_back(
          warning("The run of " + run->date + " was interrupted: its last case has fewer rounds."));
  }
}

// An A/A difference above five per cent is said on top, not in a footnote.
void warn_of_noise(const Collection& collection, Document& document) {
  std::string noisy;
  for (const Measured& m : collection.cases) {
    if (noise_floor(*m.c) > kMostNoise)
      noisy += fmt::format("{}{} ({})", noisy.empty() ? "" : "; ", name_of(*m.c), noise_of(*m.c));
  }
  if (!noisy.empty())
    document.blocks.push_back(
        warning("The same method twice differed by more than 5 % in: " + noisy +
                ". The machine was not quiet enough for small differences there."));
}

// A row for each pair and device, a column for each size. The same pair may have been measured in
// several suites: the first one is shown.
Block loss_table(const std::vector<Loss>& found) {
  Table table{"Times the CPU time of the other way, where zcctl costs more",
              {{"zcctl's way"}, {"the other way"}, {"device"}},
              {}};
  std::set<std::tuple<unsigned, bool>> sizes;
  for (const Loss& loss : found)
    sizes.insert({loss.c->payload_bytes, loss.c->file == "hot"});
  for (const auto& [bytes, hot] : sizes)
    table.columns.push_back({fmt::format("{}{}", bytes, hot ? ", hot file" : " bytes"), true});
  for (const Loss& loss : found) {
    const std::vector<std::string> key{loss.ours->method, loss.rival->method, loss.c->environment};
    auto row = std::find_if(table.rows.begin(), table.rows.end(), [&](const TableRow& r) {
      return std::equal(key.begin(), key.end(), r.cells.begin());
    });
    if (row == table.rows.end()) row = table.rows.insert(row, {key, "zcctl"});
    row->cells.resize(table.columns.size());
    const auto size = sizes.find({loss.c->payload_bytes, loss.c->file == "hot"});
    const auto column = key.size() + static_cast<size_t>(std::distance(sizes.begin(), size));
    if (row->cells[column].empty()) row->cells[column] = with_interval(loss.ratio);
  }
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& one, const auto& other) {
    return std::tie(one.cells[0], one.cells[1]) < std::tie(other.cells[0], other.cells[1]);
  });
  return table;
}

void add_losses(const Collection& collection, Document& document) {
  document.blocks.push_back(Heading{2, "Where zcctl loses"});
  const Score total = score(collection.cases);
  const auto found = losses(collection.cases);
  document.blocks.push_back(Paragraph{line(fmt::format(
      "Of {} pairs of one of zcctl's ways and one where the application makes the same RTP "
      "packets, "
      "zcctl needs less CPU time in {}, more in {}, and {} cannot be told apart (the 95 % interval "
      "of the ratio contains 1). zcctl's packets carry 8 bytes of extension more.",
      total.won + total.lost + total.open, total.won, total.lost, total.open))});
  if (found.empty()) return;
  document.blocks.push_back(loss_table(found));
}

void add_summary(const Collection& collection, Document& document) {
  document.blocks.push_back(Heading{2, "In short"});
  const auto lines = use_when(collection.cases);
  if (lines.empty())
    return document.blocks.push_back(warning("No method has a figure: nothing can be said."));
  document.blocks.push_back(Bullets{lines});
  document.blocks.push_back(Paragraph{line(
      "Made from the figures below. A method is named alone only where every other one of its kind "
      "needs more CPU time: the 95 % interval of their ratio lies above 1, and the ratio above the "
      "case's noise floor. Ranges are the ends of all intervals.")});
}

void add_method(Document& document) {
  document.blocks.push_back(Heading{2, "How it was measured"});
  document.blocks.push_back(Bullets{{
      line(
          "A figure is the median over rounds; each round has every method once, in random order, "
          "and the baseline twice. Brackets are 95 % bootstrap intervals. Ratios are made round by "
          "round."),
      line("The noise floor is what the baseline and its second run differ by, at the far end of "
           "the "
           "interval."),
      line(
          "A row counts only if the device or the receiver got every packet and every byte that "
          "was "
          "asked for, and 500 packets of the method were right byte by byte. Otherwise it is void, "
          "with the reason."),
      line(
          "CPU time is the machine's busy time less what it does when idle, or the process's where "
          "the machine was not idle or runs are short; each table says which."),
      line("Calls are counted where they are made. Copied is what the kernel said, in its "
           "completions, of the sends that asked for zero copy."),
      {{"The papers: "}, {kPaper002}, {"; "}, {kPaper000}, {"."}},
  }});
}

}  // namespace

std::string with_interval(const Estimate& estimate, int digits) {
  if (estimate.rounds == 0) return "–";
  return fmt::format("{:.{}f} ({:.{}f}–{:.{}f})", estimate.median, digits, estimate.low, digits,
                     estimate.high, digits);
}

std::string noise_of(const Case& c) {
  const double noise = noise_floor(c);
  return noise < 0 ? "not known" : fmt::format("{:.1f} %", noise * 100);
}

Document make_report(const Collection& collection) {
  Document document{"What it costs to send stored bytes", subtitle(collection), {}};
  warn_of_runs(collection, document);
  warn_of_noise(collection, document);
  add_summary(collection, document);
  add_losses(collection, document);
  append(document, streaming_figures(collection));
  append(document, rival_figures(collection));
  append(document, download_figures(collection));
  append(document, loan_figures(collection));
  append(document, paper_tables(collection));
  append(document, bars_blocks(collection));
  append(document, profile_blocks(collection));
  append(document, case_tables(collection));
  append(document, missing_table(collection));
  append(document, environment_blocks(collection));
  add_method(document);
  return document;
}

}  // namespace zc::bench
