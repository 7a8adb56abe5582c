// SPDX-License-Identifier: GPL-2.0-only
#include "console/nearest.h"

#include <algorithm>

namespace zc::console {
namespace {

// Damerau and Levenshtein's distance, in the form that changes no character twice.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> changes(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); i++) {
    for (size_t k = 0; k <= b.size(); k++) {
      size_t& best = changes[i][k];
      if (i == 0 || k == 0) {
        best = i + k;
        continue;
      }
      best = std::min({changes[i - 1][k] + 1, changes[i][k - 1] + 1,
                       changes[i - 1][k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1)});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
        best = std::min(best, changes[i - 2][k - 2] + 1);
    }
  }
  return changes[a.size()][b.size()];
}

constexpr size_t kCharactersPerChange = 3;

}  // namespace

std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& known) {
  constexpr size_t kLongest = 64;  // nobody's word; the reckoning is quadratic
  if (typed.size() > kLongest) return std::nullopt;
  std::optional<std::string> found;
  size_t fewest = typed.size() / kCharactersPerChange + 1;
  bool alone = false;
  for (const std::string& word : known) {
    const bool begun = typed.size() >= kCharactersPerChange && word.starts_with(typed);
    const size_t changes = begun ? 0 : distance(typed, word);
    if (changes > fewest || (changes == fewest && !found)) continue;
    alone = changes < fewest;
    fewest = changes;
    found = word;
  }
  return alone ? found : std::nullopt;
}

}  // namespace zc::console
