// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "papers.h"
#include "results/figures.h"
#include "summary.h"

namespace zc::bench {
namespace {

constexpr double kMostNoise = 0.05;

void append(Document& document, std::vector<Block> blocks) {
  for (Block& block : blocks)
    document.blocks.push_back(std::move(block));
}

Paragraph warning(const std::string& text) {
  return {line(text), true};
}

void warn_of_runs(const Collection& collection, Document& document) {
  if (collection.smoke())
    document.blocks.push_back(
        warning("SMOKE: some of these figures come from short runs (--quick), which show that it "
                "works, not how fast it is. None of them is to be quoted."));
  for (const Results* const run : collection.runs_in_use()) {
    if (run->interrupted)
      document.blocks.push_back(warning(
          "The run of " + run->date +
          " was interrupted: its last case may have fewer rounds, later ones are missing."));
  }
}

// "7 of 9 cases: streaming, nic, …; and 3 more": each table has its own note.
std::string some_cases(std::vector<std::string> names, const Collection& collection) {
  constexpr size_t kMostNames = 4;
  const size_t found = names.size();
  names.resize(std::min(found, kMostNames));
  const std::string text =
      fmt::format("{} of {} cases: {}", found, collection.cases.size(), fmt::join(names, "; "));
  return found == names.size() ? text : text + fmt::format("; and {} more", found - names.size());
}

void warn_of_few_rounds(const Collection& collection, Document& document) {
  std::vector<std::string> names;
  for (const Measured& m : collection.cases) {
    if (!ranges_note(*m.c).empty()) names.push_back(name_of(*m.c));
  }
  const bool all = names.size() == collection.cases.size();
  if (!names.empty())
    document.blocks.push_back(warning(fmt::format(
        "Fewer than {} rounds in {}. An interval of 95 % takes {}: what stands in [brackets] there "
        "is from the smallest to the largest value, and nothing is claimed from it.",
        kFewestRounds, all ? "all cases" : some_cases(names, collection), kFewestRounds)));
}

// An A/A difference above five per cent is said on top, not in a footnote. The worst come first.
void warn_of_noise(const Collection& collection, Document& document) {
  std::multimap<double, std::string, std::greater<>> noisy;
  for (const Measured& m : collection.cases) {
    if (noise_floor(*m.c) > kMostNoise)
      noisy.emplace(noise_floor(*m.c), fmt::format("{} ({})", name_of(*m.c), noise_of(*m.c)));
  }
  std::vector<std::string> names;
  names.reserve(noisy.size());
  for (const auto& [noise, name] : noisy)
    names.push_back(name);
  if (!names.empty())
    document.blocks.push_back(warning(
        "The same method twice differed by more than 5 % in " + some_cases(names, collection) +
        ". The machine was not quiet enough for small differences there."));
}

// A row for each pair and device, a column for each size.
Block loss_table(const std::vector<Pair>& found) {
  Table table{"Times the CPU time of the other way, where zcctl costs more",
              {{"zcctl's way"}, {"the other way"}, {"device"}},
              {}};
  std::set<std::tuple<unsigned, bool>> sizes;
  for (const Pair& loss : found)
    sizes.insert({loss.c->payload_bytes, loss.c->file == FileKind::kHot});
  for (const auto& [bytes, hot] : sizes)
    table.columns.push_back({fmt::format("{}{}", bytes, hot ? ", hot file" : " bytes"), true});
  for (const Pair& loss : found) {
    const std::vector<std::string> key{loss.ours->method, loss.rival->method, loss.c->environment};
    auto row = std::find_if(table.rows.begin(), table.rows.end(), [&](const TableRow& r) {
      return std::equal(key.begin(), key.end(), r.cells.begin());
    });
    if (row == table.rows.end()) row = table.rows.insert(row, {key, RowTone::kZcctl});
    row->cells.resize(table.columns.size());
    const auto size = sizes.find({loss.c->payload_bytes, loss.c->file == FileKind::kHot});
    const auto column = key.size() + static_cast<size_t>(std::distance(sizes.begin(), size));
    row->cells[column] = with_interval(loss.ratio);
  }
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& one, const auto& other) {
    return std::tie(one.cells[0], one.cells[1]) < std::tie(other.cells[0], other.cells[1]);
  });
  return table;
}

Line tally_text(const char* against, const Tally& tally) {
  return {
      strong(against),
      {fmt::format(": of {} pairs zcctl needs less CPU time in {}, more in {}, and {} cannot be "
                   "told apart.",
                   tally.all(), tally.won, tally.lost, tally.open)}};
}

std::vector<Line> score_lines(const Score& total) {
  std::vector<Line> lines;
  if (total.one.all() > 0)
    lines.push_back(
        tally_text("Against a call for each packet, which is easily beaten", total.one));
  if (total.many.all() > 0)
    lines.push_back(tally_text("Against many packets with each call", total.many));
  return lines;
}

Line unsent_text(const Unsent& size) {
  return {
      strong(fmt::format("Not at all at {}", size_text(*size.c))),
      {fmt::format(
          " on {} with an MTU of {}: {}. {}.", size.c->environment, size.c->mtu, size.why,
          size.others == 1 ? "1 other way can" : fmt::format("{} other ways can", size.others))}};
}

Paragraph pairs_text(bool any) {
  if (!any)
    return {line(fmt::format(
        "No pair of a way of zcctl's and another has the {} rounds that a judgement takes.",
        kFewestRounds))};
  return {line(
      "A pair is one of zcctl's ways and one where the application makes the same RTP packets, at "
      "one size on one device; real programs are not counted. Less is said where the 95 % interval "
      "of the ratio lies below 1 and the difference is above the noise floor; more already where "
      "the interval lies above 1. zcctl's packets carry 8 bytes of extension more.")};
}

void add_losses(const Collection& collection, Document& document) {
  document.blocks.emplace_back(Heading{2, "Where zcctl loses"});
  const auto pairs = judged_pairs(collection.cases);
  document.blocks.emplace_back(pairs_text(!pairs.empty()));
  std::vector<Line> lines = score_lines(score(pairs));
  for (const Unsent& size : unsent(collection.cases))
    lines.push_back(unsent_text(size));
  if (!lines.empty()) document.blocks.emplace_back(Bullets{std::move(lines)});
  std::vector<Pair> lost;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(lost),
               [](const Pair& pair) { return pair.outcome == Pair::kLost; });
  if (!lost.empty()) document.blocks.emplace_back(loss_table(lost));
}

bool any_figure(const Collection& collection) {
  return std::any_of(collection.cases.begin(), collection.cases.end(),
                     [](const Measured& m) { return rounds_of(*m.c) > 0; });
}

void add_summary(const Collection& collection, Document& document) {
  document.blocks.push_back(Heading{2, "In short"});
  const auto lines = use_when(collection.cases);
  if (lines.empty())
    return document.blocks.push_back(
        warning(any_figure(collection)
                    ? fmt::format("Nothing is claimed: no two ways of a kind have {} rounds.",
                                  kFewestRounds)
                    : "No method has a figure: nothing can be said."));
  document.blocks.push_back(Bullets{lines});
  document.blocks.push_back(Paragraph{line(
      "Made from the figures below. A method is named alone only where every other one of its kind "
      "needs more CPU time: the 95 % interval of their ratio lies above 1, and the ratio above the "
      "noise floor. Ranges are the ends of all intervals. What was measured in several suites is "
      "compared by the ratios to the baseline, which all of them have.")});
}

void add_method(Document& document) {
  document.blocks.push_back(Heading{2, "How it was measured"});
  document.blocks.push_back(Bullets{{
      line(fmt::format(
          "A figure is the median over rounds; each round has every method once, in random order, "
          "and the baseline twice. Ratios are made round by round. (Brackets) are an interval that "
          "has the true median with at least 95 %, whatever the distribution: two of the measured "
          "values, chosen by their number alone. Fewer than {} rounds have none: there [brackets] "
          "are the smallest and the largest value.",
          kFewestRounds)),
      line("The noise floor is what the baseline and its second run differ by, at the far end of "
           "the interval."),
      line("A row counts only if the device or the receiver got every packet and every byte that "
           "was asked for, and 500 packets of the method were right byte by byte. Otherwise it is "
           "void, with the reason."),
      line(
          "CPU time is the machine's busy time less what it does when idle, or the process's where "
          "the machine was not idle or runs are short; each picture and table says which."),
      line("nic and nic-uso are no real cards but ifb, a device of the kernel's own: a frame is "
           "freed as soon as it is sent, without a doorbell, DMA mapping or completion interrupt. "
           "A real card adds much the same for each frame to every row, which pulls ratios on nic "
           "towards 1; and nic-uso cuts large packets for free."),
      line("Calls are counted where they are made. Copied is what the kernel said, in its "
           "completions, of the sends that asked for zero copy."),
      {{"The papers: "}, {kPaper002}, {"; "}, {kPaper000}, {"."}},
  }});
}

}  // namespace

Document make_report(const Collection& collection) {
  Document document{"What it costs to send stored bytes", origin_of(collection), {}};
  warn_of_runs(collection, document);
  warn_of_few_rounds(collection, document);
  warn_of_noise(collection, document);
  add_summary(collection, document);
  add_losses(collection, document);
  append(document, streaming_figures(collection));
  append(document, rival_figures(collection));
  append(document, download_figures(collection));
  append(document, loan_figures(collection));
  append(document, paper_tables(collection));
  append(document, bars_blocks(collection));
  append(document, clock_blocks(collection));
  append(document, tcp_blocks(collection));
  append(document, profile_blocks(collection));
  append(document, case_tables(collection));
  append(document, missing_table(collection));
  append(document, environment_blocks(collection));
  add_method(document);
  return document;
}

}  // namespace zc::bench
