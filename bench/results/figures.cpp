// SPDX-License-Identifier: GPL-2.0-only
#include "results/figures.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace zc::bench {
namespace {

constexpr double kCoverage = 0.95;
constexpr unsigned kIpUdpHeaderBytes = 28;

// Chance that k of n tosses are heads. By logarithms, since the factors are beyond a double.
double chance_of_heads(size_t k, size_t n) {
  const auto log_factorial = [](size_t i) { return std::lgamma(static_cast<double>(i) + 1); };
  return std::exp(log_factorial(n) - log_factorial(k) - log_factorial(n - k) -
                  static_cast<double>(n) * std::log(2.0));
}

// How many of n sorted values the interval leaves out at each end: as many as it can. A value lies
// below the true median as a coin falls, so what is left misses the median where no more than that
// many of n coins fall one way, or no more the other.
size_t left_out(size_t n) {
  size_t out = 0;
  double missed = 2 * chance_of_heads(0, n);
  for (size_t next = 1; next < n; next++) {
    missed += 2 * chance_of_heads(next, n);
    if (missed > 1 - kCoverage) break;
    out = next;
  }
  return out;
}

double median_of(const std::vector<double>& sorted) {
  const size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 != 0) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}

Estimate of_samples(const Row& row, Metric metric, double factor) {
  std::vector<double> values;
  for (const Sample& sample : row.samples)
    values.push_back(ns_per_packet(sample, metric) * factor);
  return estimate(std::move(values));
}

// Gigabits a second, from nanoseconds a packet.
Estimate rate_of(const Row& row, unsigned payload_bytes,
                 const std::function<double(const Sample&)>& ns) {
  std::vector<double> rates;
  for (const Sample& sample : row.samples) {
    if (ns(sample) > 0) rates.push_back(8.0 * payload_bytes / ns(sample));
  }
  return estimate(std::move(rates));
}

void derive_rates(Row& row, const Case& c) {
  row.cpu_gbit_per_s = rate_of(
      row, c.payload_bytes, [&](const Sample& sample) { return ns_per_packet(sample, c.metric); });
  row.wall_gbit_per_s = rate_of(row, c.payload_bytes, [](const Sample& sample) {
    return static_cast<double>(sample.wall_ns) / static_cast<double>(sample.packets);
  });
}

const Sample* sample_of_round(const Row& row, unsigned round) {
  const auto found = std::find_if(row.samples.begin(), row.samples.end(),
                                  [&](const Sample& sample) { return sample.round == round; });
  return found == row.samples.end() ? nullptr : &*found;
}

// Paper 000, equations 1 and 2: t_2, a packet, by round.
std::map<unsigned, double> rest_of_send(const Case& c) {
  const Row* const send = find_row(c, "loan_send");
  const Row* const copy = find_row(c, "copy_only");
  std::map<unsigned, double> rest;
  if (send == nullptr || copy == nullptr || !send->valid() || !copy->valid()) return rest;
  for (const Sample& total : send->samples) {
    const Sample* const t_1 = sample_of_round(*copy, total.round);
    if (t_1 == nullptr) continue;
    rest[total.round] = ns_per_packet(total, c.metric) - ns_per_packet(*t_1, c.metric);
  }
  return rest;
}

void derive_loan(Case& c) {
  const std::map<unsigned, double> rest = rest_of_send(c);
  std::vector<double> most;
  for (const auto& [round, t_2] : rest) {
    if (t_2 > 0) most.push_back(8.0 * c.payload_bytes / t_2);
  }
  c.r_max_gbit_per_s = estimate(std::move(most));
  for (Row& row : c.rows) {
    std::vector<double> movement;
    for (const Sample& sample : row.samples) {
      const auto t_2 = rest.find(sample.round);
      const double share = row.method == "copy_only" ? 0 : 1;
      if (t_2 != rest.end())
        movement.push_back(ns_per_packet(sample, c.metric) - share * t_2->second);
    }
    row.movement_ns = estimate(std::move(movement));
  }
}

void derive_counts(Row& row) {
  uint64_t packets = 0, calls = 0, sends = 0, copied = 0, errors = 0;
  for (const Sample& sample : row.samples) {
    packets += sample.packets;
    sends += sample.zerocopy_sends;
    copied += sample.zerocopy_copied;
    errors += sample.send_errors;
    for (const auto& [name, count] : sample.calls)
      calls += count;
  }
  if (packets != 0)
    row.calls_per_packet = static_cast<double>(calls) / static_cast<double>(packets);
  if (packets != 0)
    row.errors_per_packet = static_cast<double>(errors) / static_cast<double>(packets);
  if (sends != 0) row.copied_share = static_cast<double>(copied) / static_cast<double>(sends);
}

}  // namespace

Estimate estimate(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const size_t out = left_out(values.size());
  return {median_of(values), values[out], values[values.size() - 1 - out],
          static_cast<unsigned>(values.size())};
}

double ns_per_packet(const Sample& sample, Metric metric) {
  const int64_t ns = metric == Metric::kMachine ? sample.machine_ns : sample.process_ns;
  return static_cast<double>(ns) / static_cast<double>(sample.packets);
}

Estimate ratio_by(const Row& row, const Row& to,
                  const std::function<double(const Sample& sample)>& value) {
  if (!row.valid() || !to.valid()) return {};
  std::vector<double> ratios;
  for (const Sample& sample : row.samples) {
    const Sample* const same = sample_of_round(to, sample.round);
    if (same != nullptr && value(*same) > 0) ratios.push_back(value(sample) / value(*same));
  }
  return estimate(std::move(ratios));
}

Estimate ratio_of(const Row& row, const Row& to, Metric metric) {
  return ratio_by(row, to, [&](const Sample& sample) { return ns_per_packet(sample, metric); });
}

Estimate difference_of(const Row& row, const Row& to, Metric metric) {
  if (!row.valid() || !to.valid()) return {};
  std::vector<double> differences;
  for (const Sample& sample : row.samples) {
    const Sample* const same = sample_of_round(to, sample.round);
    if (same != nullptr)
      differences.push_back(ns_per_packet(sample, metric) - ns_per_packet(*same, metric));
  }
  return estimate(std::move(differences));
}

Estimate ratio_of_two(const Estimate& value, const Estimate& to) {
  if (value.rounds == 0 || to.rounds == 0 || to.low <= 0) return {};
  return {value.median / to.median, value.low / to.high, value.high / to.low,
          std::min(value.rounds, to.rounds)};
}

void derive_figures(Case& c) {
  const Row* const baseline = find_row(c, c.baseline);
  for (Row& row : c.rows) {
    if (!row.valid()) continue;
    row.ns_per_packet = of_samples(row, c.metric, 1);
    // Nanoseconds a byte are seconds per 10^9 bytes.
    row.cpu_s_per_gb = of_samples(row, c.metric, 1.0 / c.payload_bytes);
    if (baseline != nullptr) row.ratio = ratio_of(row, *baseline, c.metric);
    derive_counts(row);
    derive_rates(row, c);
  }
  derive_loan(c);
}

double noise_floor(const Case& c) {
  const auto again =
      std::find_if(c.rows.begin(), c.rows.end(), [](const Row& row) { return row.again; });
  if (again == c.rows.end() || again->ratio.rounds == 0) return -1;
  return std::max(std::abs(again->ratio.low - 1), std::abs(again->ratio.high - 1));
}

unsigned rounds_of(const Case& c) {
  unsigned rounds = 0;
  for (const Row& row : c.rows)
    rounds = std::max(rounds, row.ns_per_packet.rounds);
  return rounds;
}

bool has_figure(const Row& row) {
  return row.valid() && row.ns_per_packet.rounds > 0;
}

bool is_fragmented(const Case& c, const Row& row) {
  return row.transport == Transport::kUdp &&
         kIpUdpHeaderBytes + row.header_bytes + c.payload_bytes > c.mtu;
}

}  // namespace zc::bench
