// SPDX-License-Identifier: GPL-2.0-only
#include "summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <tuple>

#include "results/figures.h"

namespace zc::bench {
namespace {

// A little less than one, for the last call of a run.
constexpr double kOneCallAPacket = 0.99;

bool calls_for_each_packet(const Row& row) {
  return row.calls_per_packet >= kOneCallAPacket;
}

struct Situation {
  const char* when;
  bool (*fits)(const Case& c, const Row& row);
};
// RTP that comes from the file has its own file for each receiver: a floor, not a way to send.
bool has_fresh_rtp(const Row& row) {
  return row.rtp == HeaderBy::kApplication || row.rtp == HeaderBy::kZcctl;
}
bool is_tcp(const Row& row) {
  return row.transport == Transport::kTcp;
}

const std::array<Situation, 8> kSituations{{
    {"RTP is needed, and any way of sending will do",
     [](const Case& c, const Row& r) {
       return has_fresh_rtp(r) && !is_tcp(r) && !is_fragmented(c, r);
     }},
    {"the application makes the RTP headers",
     [](const Case& c, const Row& r) {
       return r.rtp == HeaderBy::kApplication && !is_tcp(r) && !is_fragmented(c, r);
     }},
    {"it does, and sends each packet by itself",
     [](const Case& c, const Row& r) {
       return r.rtp == HeaderBy::kApplication && !is_tcp(r) && calls_for_each_packet(r) &&
              !is_fragmented(c, r);
     }},
    {"zcctl makes the RTP headers, and the application sends each packet by itself",
     [](const Case& c, const Row& r) {
       return r.rtp == HeaderBy::kZcctl && calls_for_each_packet(r) && !is_fragmented(c, r);
     }},
    {"packets with RTP are larger than the MTU and leave in IP fragments",
     [](const Case& c, const Row& r) { return has_fresh_rtp(r) && is_fragmented(c, r); }},
    {"stored bytes leave by UDP without headers",
     [](const Case& c, const Row& r) {
       return suite_id(c.suite) == SuiteId::kDownload && r.transport == Transport::kUdp &&
              r.rtp == HeaderBy::kNone;
     }},
    {"stored bytes leave by TCP",
     [](const Case& c, const Row& r) {
       return suite_id(c.suite) == SuiteId::kDownload && is_tcp(r);
     }},
    {"RTP leaves by TCP, in frames",
     [](const Case&, const Row& r) { return has_fresh_rtp(r) && is_tcp(r); }},
}};

// Nothing is above the noise where it is not known. The noisier of two cases counts.
bool is_above_noise(const Estimate& ratio, const Case& c, const Case& other) {
  const double noise = noise_floor(c), others = noise_floor(other);
  return ratio.certain() && ratio.low > 1 && noise >= 0 && others >= 0 &&
         ratio.median - 1 > std::max(noise, others);
}

// A way to send, and where it was measured.
struct Candidate {
  const Case* c = nullptr;
  const Row* row = nullptr;
};

// Is one more expensive than another, as far as can be told? Those of different suites share no
// rounds, but the baseline.
bool is_dearer(const Candidate& one, const Candidate& than) {
  const Estimate ratio = one.c == than.c ? ratio_of(*one.row, *than.row, one.c->metric)
                                         : ratio_of_two(one.row->ratio, than.row->ratio);
  return is_above_noise(ratio, *one.c, *than.c);
}

// The cheapest, and those that cannot be told from it.
std::vector<Candidate> cheapest(std::vector<Candidate> candidates) {
  const Candidate best = *std::min_element(candidates.begin(), candidates.end(),
                                           [](const Candidate& one, const Candidate& other) {
                                             return one.row->ratio.median < other.row->ratio.median;
                                           });
  std::erase_if(candidates, [&](const Candidate& one) { return is_dearer(one, best); });
  return candidates;
}

// Those that were measured. A ratio to the baseline is what they are compared by.
std::vector<const Row*> rows_for(const Case& c, const Situation& situation) {
  std::vector<const Row*> rows;
  for (const Row& row : c.rows) {
    if (has_figure(row) && !row.again && situation.fits(c, row)) rows.push_back(&row);
  }
  return rows;
}

// A way that is in several suites counts once. A case where one of the ways has too few rounds,
// which is one that was interrupted, adds none: the cheapest of the others would be no answer.
void add_candidates(const Case& c, const Situation& situation, std::vector<Candidate>& candidates) {
  const auto rows = rows_for(c, situation);
  if (std::any_of(rows.begin(), rows.end(), [](const Row* row) { return !row->ratio.certain(); }))
    return;
  for (const Row* const row : rows) {
    const bool known = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& one) {
      return one.row->method == row->method;
    });
    if (!known) candidates.push_back({&c, row});
  }
}

// The sizes of an environment with all that was measured at each, of whichever suite. Where there
// is only the baseline, there is nothing to choose.
std::vector<std::vector<Candidate>> questions(const std::vector<Measured>& cases,
                                              const std::string& environment,
                                              const Situation& situation) {
  using Size = std::tuple<unsigned, bool, unsigned, std::string>;
  std::map<Size, std::vector<Candidate>> sizes;
  for (const Measured& m : cases) {
    // Clocks are no ways to send that one could choose from.
    if (suite_id(m.c->suite) == SuiteId::kClock) continue;
    const Size size{m.c->payload_bytes, m.c->file != FileKind::kLarge, m.c->mtu, m.c->baseline};
    if (m.c->environment == environment) add_candidates(*m.c, situation, sizes[size]);
  }
  std::vector<std::vector<Candidate>> found;
  for (auto& [size, asked] : sizes) {
    const bool choice =
        asked.size() > 1 || (asked.size() == 1 && asked[0].row->method != asked[0].c->baseline);
    if (choice) found.push_back(std::move(asked));
  }
  return found;
}

// Sizes with the same answer.
struct Answer {
  std::vector<std::string> methods;
  std::string baseline;
  std::vector<std::string> sizes;
  size_t hot = 0;                           // of them
  double low = 1e9, high = 0;               // of the ratios' intervals
  size_t of_least = SIZE_MAX, of_most = 0;  // candidates

  void add(const std::vector<Candidate>& asked, const std::vector<Candidate>& best) {
    const Case& c = *best.front().c;
    sizes.push_back(
        fmt::format("{}{}", c.payload_bytes, c.file == FileKind::kHot ? " (hot file)" : ""));
    hot += c.file == FileKind::kHot ? 1 : 0;
    of_least = std::min(of_least, asked.size());
    of_most = std::max(of_most, asked.size());
    for (const Candidate& one : best) {
      low = std::min(low, one.row->ratio.low);
      high = std::max(high, one.row->ratio.high);
    }
  }
};

std::string joined(const std::vector<std::string>& words, const std::string& last) {
  std::string text;
  for (size_t i = 0; i < words.size(); i++)
    text += (i == 0 ? "" : i + 1 == words.size() ? last : ", ") + words[i];
  return text;
}

// "512 and 1024 bytes (hot file)"; the file at each size only where they differ.
std::string sizes_text(const Answer& answer) {
  std::vector<std::string> sizes = answer.sizes;
  const bool all_hot = answer.hot == sizes.size();
  for (std::string& size : sizes) {
    if (all_hot) size.resize(size.find(' '));
  }
  return joined(sizes, " and ") + " bytes" + (all_hot ? " (hot file)" : "");
}

std::vector<std::string> names(const std::vector<Candidate>& candidates) {
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const Candidate& one : candidates)
    names.push_back(one.row->method);
  return names;
}

std::vector<Answer> answers(const std::vector<std::vector<Candidate>>& questions) {
  std::vector<Answer> found;
  for (const auto& asked : questions) {
    const auto best = cheapest(asked);
    const auto methods = names(best);
    const std::string& baseline = best.front().c->baseline;
    auto answer = std::find_if(found.begin(), found.end(), [&](const Answer& a) {
      return a.methods == methods && a.baseline == baseline;
    });
    if (answer == found.end()) answer = found.insert(answer, Answer{methods, baseline, {}});
    answer->add(asked, best);
  }
  return found;
}

// "the cheapest of 14 ways": how much was asked.
std::string among(const Answer& answer) {
  if (answer.of_most == 1) return "the only one of its kind";
  const std::string many = answer.of_least == answer.of_most
                               ? fmt::format("{}", answer.of_most)
                               : fmt::format("{} to {}", answer.of_least, answer.of_most);
  return fmt::format("the cheapest of {} ways{}", many,
                     answer.methods.size() > 1 ? "; these cannot be told apart" : "");
}

Line text_of(const Situation& situation, const std::string& environment,
             const std::vector<Answer>& found) {
  Line text{strong(std::string("When ") + situation.when), {fmt::format(", on {}: ", environment)}};
  for (const Answer& answer : found) {
    if (&answer != &found.front()) text.push_back({"; "});
    text.push_back({"use "});
    for (size_t i = 0; i < answer.methods.size(); i++) {
      if (i > 0) text.push_back({i + 1 == answer.methods.size() ? " or " : ", "});
      text.push_back(code(answer.methods[i]));
    }
    text.push_back({fmt::format(" at {}: {:.2f}–{:.2f} of {}'s CPU time ({})", sizes_text(answer),
                                answer.low, answer.high, answer.baseline, among(answer))});
  }
  text.push_back({"."});
  return text;
}

bool is_rival(const Row& row) {
  return row.rtp == HeaderBy::kApplication && row.transport != Transport::kProgram &&
         has_figure(row) && !row.again;
}

Pair judge(const Case& c, const Row& ours, const Row& rival) {
  Pair pair{&c, &ours, &rival, ratio_of(ours, rival, c.metric)};
  if (pair.ratio.low > 1)
    pair.outcome = Pair::kLost;
  else if (is_dearer({&c, &rival}, {&c, &ours}))
    pair.outcome = Pair::kWon;
  return pair;
}

bool is_same_pair(const Pair& one, const Pair& other) {
  const auto key = [](const Pair& pair) {
    return std::tie(pair.ours->method, pair.rival->method, pair.c->environment,
                    pair.c->payload_bytes, pair.c->file, pair.c->mtu);
  };
  return key(one) == key(other);
}

void add(std::vector<Pair>& pairs, const Pair& pair) {
  if (!pair.ratio.certain()) return;
  const auto same = std::find_if(pairs.begin(), pairs.end(),
                                 [&](const Pair& other) { return is_same_pair(pair, other); });
  if (same == pairs.end())
    pairs.push_back(pair);
  else if (pair.outcome > same->outcome)
    *same = pair;
}

// Why none of ours is sent; empty: one is, or none of them was tried.
std::string why_unsent(const Case& c) {
  std::string why;
  for (const Row& row : c.rows) {
    if (row.rtp == HeaderBy::kZcctl && row.state != RowState::kImpossible) return {};
    if (row.rtp == HeaderBy::kZcctl && why.empty()) why = row.why;
  }
  return why;
}

}  // namespace

std::vector<Line> use_when(const std::vector<Measured>& cases) {
  std::vector<Line> lines;
  for (const Situation& situation : kSituations) {
    for (const std::string& environment : environments_of(cases)) {
      const auto found = answers(questions(cases, environment, situation));
      if (!found.empty()) lines.push_back(text_of(situation, environment, found));
    }
  }
  return lines;
}

std::vector<Pair> judged_pairs(const std::vector<Measured>& cases) {
  std::vector<Pair> pairs;
  for (const Measured& m : cases) {
    for (const Row& ours : m.c->rows) {
      if (ours.rtp != HeaderBy::kZcctl || !has_figure(ours) || ours.again) continue;
      for (const Row& rival : m.c->rows) {
        if (is_rival(rival)) add(pairs, judge(*m.c, ours, rival));
      }
    }
  }
  return pairs;
}

Score score(const std::vector<Pair>& pairs) {
  Score score;
  for (const Pair& pair : pairs) {
    Tally& tally = calls_for_each_packet(*pair.rival) ? score.one : score.many;
    (pair.outcome == Pair::kLost  ? tally.lost
     : pair.outcome == Pair::kWon ? tally.won
                                  : tally.open)++;
  }
  return score;
}

std::vector<Unsent> unsent(const std::vector<Measured>& cases) {
  std::vector<Unsent> found;
  for (const Measured& m : cases) {
    const std::string why = why_unsent(*m.c);
    const auto others =
        static_cast<unsigned>(std::count_if(m.c->rows.begin(), m.c->rows.end(), is_rival));
    if (!why.empty() && others > 0) found.push_back({m.c, others, why});
  }
  return found;
}

}  // namespace zc::bench
