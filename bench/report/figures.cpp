#include "bench/report/figures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <random>

namespace zc::bench {
namespace {

constexpr int kResamples = 4000;
constexpr double kLow = 0.025, kHigh = 0.975;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 != 0) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

std::vector<double> drawn_from(const std::vector<double>& values, std::mt19937& random) {
  std::uniform_int_distribution<size_t> any(0, values.size() - 1);
  std::vector<double> drawn(values.size());
  std::generate(drawn.begin(), drawn.end(), [&] { return values[any(random)]; });
  return drawn;
}

Estimate of_samples(const Row& row, const std::string& metric, double factor) {
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
  if (values.empty()) return {};
  std::mt19937 random(1);
  std::uniform_int_distribution<size_t> any(0, values.size() - 1);
  std::vector<double> medians(kResamples), drawn(values.size());
  for (double& one : medians) {
    std::generate(drawn.begin(), drawn.end(), [&] { return values[any(random)]; });
    one = median(drawn);
  }
  std::sort(medians.begin(), medians.end());
  const auto rounds = static_cast<unsigned>(values.size());
  return {median(std::move(values)), percentile(medians, kLow), percentile(medians, kHigh), rounds};
}

double ns_per_packet(const Sample& sample, const std::string& metric) {
  const int64_t ns = metric == "machine" ? sample.machine_ns : sample.process_ns;
  return static_cast<double>(ns) / static_cast<double>(sample.packets);
}

Estimate ratio_of(const Row& row, const Row& to, const std::string& metric) {
  if (!row.valid() || !to.valid()) return {};
  std::vector<double> ratios;
  for (const Sample& sample : row.samples) {
    const auto same = std::find_if(to.samples.begin(), to.samples.end(), [&](const Sample& other) {
      return other.round == sample.round;
    });
    if (same == to.samples.end() || ns_per_packet(*same, metric) <= 0) continue;
    ratios.push_back(ns_per_packet(sample, metric) / ns_per_packet(*same, metric));
  }
  return estimate(std::move(ratios));
}

Estimate ratio_of_two(const std::vector<double>& values, const std::vector<double>& to) {
  if (values.empty() || to.empty() || median(to) <= 0) return {};
  std::mt19937 random(1);
  std::vector<double> ratios(kResamples);
  for (double& one : ratios) {
    const double below = median(drawn_from(to, random));
    one = below > 0 ? median(drawn_from(values, random)) / below : 0;
  }
  std::sort(ratios.begin(), ratios.end());
  const auto rounds = static_cast<unsigned>(std::min(values.size(), to.size()));
  return {median(values) / median(to), percentile(ratios, kLow), percentile(ratios, kHigh), rounds};
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

}  // namespace zc::bench
