#include "bench/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bench/report/figures.h"

namespace zc::bench {
namespace {

// A little less than one, for the last call of a run.
constexpr double kOneCallAPacket = 0.99;
constexpr unsigned kIpUdpHeaderBytes = 28;

bool has_figure(const Row& row) {
  return row.valid() && !row.again && row.ns_per_packet.rounds > 0;
}

bool is_fragmented(const Case& c, const Row& row) {
  return row.transport == "UDP" && kIpUdpHeaderBytes + row.header_bytes + c.payload_bytes > c.mtu;
}

struct Situation {
  const char* when;
  bool (*fits)(const Case& c, const Row& row);
};
// RTP that comes from the file has its own file for each receiver: a floor, not a way to send.
bool has_fresh_rtp(const Row& row) {
  return row.rtp == "application" || row.rtp == "zcctl";
}

const std::array<Situation, 7> kSituations{{
    {"RTP is needed, and any way of sending will do",
     [](const Case& c, const Row& r) { return has_fresh_rtp(r) && !is_fragmented(c, r); }},
    {"the application makes the RTP headers",
     [](const Case& c, const Row& r) { return r.rtp == "application" && !is_fragmented(c, r); }},
    {"it does, and sends each packet by itself",
     [](const Case& c, const Row& r) {
       return r.rtp == "application" && r.calls_per_packet >= kOneCallAPacket &&
              !is_fragmented(c, r);
     }},
    {"zcctl makes the RTP headers, and the application sends each packet by itself",
     [](const Case& c, const Row& r) {
       return r.rtp == "zcctl" && r.calls_per_packet >= kOneCallAPacket && !is_fragmented(c, r);
     }},
    {"packets with RTP are larger than the MTU and leave in IP fragments",
     [](const Case& c, const Row& r) { return has_fresh_rtp(r) && is_fragmented(c, r); }},
    {"stored bytes leave by UDP without headers",
     [](const Case& c, const Row& r) {
       return c.suite == "download" && r.transport == "UDP" && r.rtp == "none";
     }},
    {"stored bytes leave by TCP",
     [](const Case& c, const Row& r) { return c.suite == "download" && r.transport == "TCP"; }},
}};

// Is `row` more expensive than `than`, as far as can be told?
bool is_dearer(const Case& c, const Row& row, const Row& than) {
  const Estimate ratio = ratio_of(row, than, c.metric);
  return ratio.rounds > 0 && ratio.low > 1 && ratio.median - 1 > std::max(0.0, noise_floor(c));
}

std::vector<const Row*> candidates(const Case& c, const Situation& situation) {
  std::vector<const Row*> rows;
  for (const Row& row : c.rows) {
    if (has_figure(row) && situation.fits(c, row)) rows.push_back(&row);
  }
  return rows;
}

// The cheapest, and those that cannot be told from it.
std::vector<const Row*> cheapest(const Case& c, std::vector<const Row*> rows) {
  if (rows.empty()) return rows;
  const Row& best = **std::min_element(rows.begin(), rows.end(), [](const Row* a, const Row* b) {
    return a->ns_per_packet.median < b->ns_per_packet.median;
  });
  std::erase_if(rows, [&](const Row* row) { return is_dearer(c, *row, best); });
  return rows;
}

// Cases with the same answer.
struct Answer {
  std::vector<std::string> methods;
  std::vector<std::string> sizes;
  size_t hot = 0;              // of them
  double low = 1e9, high = 0;  // of the ratios' intervals
  std::string baseline;
  size_t of = 0;  // candidates, at most

  void add(const Case& c, const std::vector<const Row*>& rows) {
    sizes.push_back(fmt::format("{}{}", c.payload_bytes, c.file == "hot" ? " (hot file)" : ""));
    hot += c.file == "hot" ? 1 : 0;
    baseline = c.baseline;
    for (const Row* const row : rows) {
      low = std::min(low, row->ratio.low);
      high = std::max(high, row->ratio.high);
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

std::vector<std::string> names(const std::vector<const Row*>& rows) {
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const Row* const row : rows)
    names.push_back(row->method);
  return names;
}

// One suite's cases of one environment; the same case may also be in another suite.
std::vector<Answer> answers(const std::vector<Measured>& cases, const Situation& situation) {
  std::vector<Answer> found;
  for (const Measured& m : cases) {
    const auto rows = candidates(*m.c, situation);
    const auto best = cheapest(*m.c, rows);
    // Where there is only the baseline there is nothing to choose.
    if (best.empty() || (rows.size() == 1 && rows[0]->method == m.c->baseline)) continue;
    const auto methods = names(best);
    auto answer = std::find_if(found.begin(), found.end(),
                               [&](const Answer& a) { return a.methods == methods; });
    if (answer == found.end()) answer = found.insert(answer, Answer{methods, {}, 0, 1e9, 0, {}, 0});
    answer->add(*m.c, best);
    answer->of = std::max(answer->of, rows.size());
  }
  return found;
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
    text.push_back({fmt::format(" at {}: {:.2f}–{:.2f} of {}'s CPU time{}", sizes_text(answer),
                                answer.low, answer.high, answer.baseline,
                                answer.of == 1              ? " (the only one of its kind)"
                                : answer.methods.size() > 1 ? " (these cannot be told apart)"
                                                            : "")});
  }
  text.push_back({"."});
  return text;
}

using Group = std::pair<std::string, std::string>;  // suite and environment
std::vector<std::pair<Group, std::vector<Measured>>> grouped(const std::vector<Measured>& cases) {
  std::vector<std::pair<Group, std::vector<Measured>>> groups;
  for (const Measured& m : cases) {
    const Group group{m.c->suite, m.c->environment};
    auto found = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& one) { return one.first == group; });
    if (found == groups.end()) found = groups.insert(found, {group, {}});
    found->second.push_back(m);
  }
  return groups;
}

// Calls `visit` with each of our rows and each row of a rival that puts RTP on the wire.
template <typename Visit>
void for_each_pair(const std::vector<Measured>& cases, Visit visit) {
  for (const Measured& m : cases) {
    for (const Row& ours : m.c->rows) {
      if (ours.rtp != "zcctl" || !has_figure(ours)) continue;
      for (const Row& rival : m.c->rows) {
        if (rival.rtp == "application" && has_figure(rival))
          visit(*m.c, ours, rival, ratio_of(ours, rival, m.c->metric));
      }
    }
  }
}

}  // namespace

std::vector<Line> use_when(const std::vector<Measured>& cases) {
  std::vector<Line> lines;
  std::vector<std::string> seen;  // environments that a suite before has answered for
  const auto groups = grouped(cases);
  for (const Situation& situation : kSituations) {
    seen.clear();
    for (const auto& [group, members] : groups) {
      const auto found = answers(members, situation);
      if (found.empty() || std::find(seen.begin(), seen.end(), group.second) != seen.end())
        continue;
      seen.push_back(group.second);
      lines.push_back(text_of(situation, group.second, found));
    }
  }
  return lines;
}

std::vector<Loss> losses(const std::vector<Measured>& cases) {
  std::vector<Loss> found;
  for_each_pair(cases, [&](const Case& c, const Row& ours, const Row& rival, const Estimate& e) {
    if (e.rounds > 0 && e.low > 1) found.push_back({&c, &ours, &rival, e});
  });
  return found;
}

Score score(const std::vector<Measured>& cases) {
  Score score;
  for_each_pair(cases, [&](const Case&, const Row&, const Row&, const Estimate& ratio) {
    if (ratio.rounds == 0) return;
    (ratio.low > 1 ? score.lost : ratio.high < 1 ? score.won : score.open)++;
  });
  return score;
}

}  // namespace zc::bench
