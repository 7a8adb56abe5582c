// Figures from samples. Pure.
#pragma once

#include <string>
#include <vector>

#include "bench/report/results.h"

namespace zc::bench {

// Empty: no figure. The bootstrap's random numbers are the same every time.
Estimate estimate(std::vector<double> values);

// Nanoseconds of CPU time a packet, by metric "machine" or "process".
double ns_per_packet(const Sample& sample, const std::string& metric);

// Of one row's CPU time a packet to the other's, round by round. No figure where one is not valid
// or they share no round.
Estimate ratio_of(const Row& row, const Row& to, const std::string& metric);

// Of two sets that were not measured together: the ratio of their medians. No figure where one is
// empty or has a median of 0.
Estimate ratio_of_two(const std::vector<double>& values, const std::vector<double>& to);

// Fills the derived members of every row.
void derive_figures(Case& c);

// What two runs of the same thing differ by, as a share: the farther end of the second baseline's
// interval from 1. Negative: not known.
double noise_floor(const Case& c);

}  // namespace zc::bench
