// SPDX-License-Identifier: GPL-2.0-only
// What can be said from the figures: nothing is known here of what ought to come out. A claim needs
// enough rounds for an interval, one that does not contain 1, and a difference above the case's
// noise floor; where zcctl loses, the interval alone is enough.
#pragma once

#include <vector>

#include "report/collection.h"
#include "report/document.h"

namespace zc::bench {

// "Use X when …": a line for each situation and environment, from all suites that have it: each
// says of how many ways X is the cheapest.
std::vector<Line> use_when(const std::vector<Measured>& cases);

// One of our rows and one where the application makes the same RTP packets. Programs, which do
// other work as well, are nobody's rivals here.
struct Pair {
  const Case* c = nullptr;
  const Row* ours = nullptr;
  const Row* rival = nullptr;
  Estimate ratio;  // ours to the rival's
  // `won` takes the noise floor as well.
  enum Outcome : uint8_t { kWon, kOpen, kLost } outcome = kOpen;
};
// All that can be judged. A pair at one size on one device counts once: of several suites, the one
// that is worst for us.
std::vector<Pair> judged_pairs(const std::vector<Measured>& cases);

struct Tally {
  unsigned won = 0, lost = 0, open = 0;
  unsigned all() const { return won + lost + open; }
};
struct Score {
  Tally one;   // against ways that make a call, or more, for each packet
  Tally many;  // against those that send many packets with a call
};
Score score(const std::vector<Pair>& pairs);

// A size that none of our ways can send on a device, while others can.
struct Unsent {
  const Case* c = nullptr;
  unsigned others = 0;
  std::string why;
};
std::vector<Unsent> unsent(const std::vector<Measured>& cases);

}  // namespace zc::bench
