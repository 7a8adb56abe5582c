// What can be said from the figures: nothing is known here of what ought to come out. A claim needs
// an interval that does not contain 1 and a difference above the case's noise floor; where zcctl
// loses, the interval alone is enough.
#pragma once

#include <vector>

#include "bench/report/collection.h"
#include "bench/report/document.h"

namespace zc::bench {

// "Use X when …": a line for each situation and environment.
std::vector<Line> use_when(const std::vector<Measured>& cases);

// Somebody else puts RTP on the wire for less.
struct Loss {
  const Case* c = nullptr;
  const Row* ours = nullptr;
  const Row* rival = nullptr;
  Estimate ratio;  // ours to the rival's, above 1
};
std::vector<Loss> losses(const std::vector<Measured>& cases);

// Pairs of one of our rows and one of a rival, in all cases.
struct Score {
  unsigned won = 0, lost = 0, open = 0;
};
Score score(const std::vector<Measured>& cases);

}  // namespace zc::bench
