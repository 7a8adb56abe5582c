// SPDX-License-Identifier: GPL-2.0-only
// Figures from samples. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "results/results.h"

namespace zc::bench {

// Empty: no figure. The interval is between two of the values, chosen by their number alone, and
// so holds for any distribution. What is not finite is left out.
Estimate estimate(std::vector<double> values);

// Nanoseconds of CPU time a packet, of the machine or the process.
double ns_per_packet(const Sample& sample, Metric metric);

// The ratio of what `value` makes of one row's runs to what it makes of the other's, round by
// round. No figure where one is not valid or they share no round.
Estimate ratio_by(const Row& row, const Row& to,
                  const std::function<double(const Sample& sample)>& value);

// The ratio of one row's CPU time a packet to the other's, in the same way.
Estimate ratio_of(const Row& row, const Row& to, Metric metric);

// How many nanoseconds of CPU time a packet one row takes more than the other, round by round.
Estimate difference_of(const Row& row, const Row& to, Metric metric);

// The ratio of two figures that were not measured together: of their medians, and of the ends of
// their intervals, the farthest from each other. No figure where one is none, or `to` may be 0.
Estimate ratio_of_two(const Estimate& value, const Estimate& to);

// Fills the derived members of every row.
void derive_figures(Case& c);

// What two runs of the same thing differ by, as a share: the farther end of the second baseline's
// interval from 1. Negative: not known.
double noise_floor(const Case& c);

// Rounds of the row that has most: fewer than planned after Ctrl-C.
unsigned rounds_of(const Case& c);

bool has_figure(const Row& row);
// Does a packet of this row need several frames? What is no UDP has no packets of that size.
bool is_fragmented(const Case& c, const Row& row);

}  // namespace zc::bench
