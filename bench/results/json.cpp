// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "results/results.h"

namespace zc::bench {
namespace {

// Caught in from_json().
struct UnknownWord : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Kind>
Kind kind_from(const nlohmann::json& json) {
  const auto word = json.get<std::string>();
  const auto kind = from_string<Kind>(word);
  if (!kind) throw UnknownWord("'" + word + "' is not known here");
  return *kind;
}

}  // namespace

// A kind is its word in the file. nlohmann looks these up by the kind's namespace.
#define ZC_BENCH_WORD(Kind)                                       \
  static void to_json(nlohmann::json& json, Kind kind) {          \
    json = to_string(kind);                                       \
  }                                                               \
  static void from_json(const nlohmann::json& json, Kind& kind) { \
    kind = kind_from<Kind>(json);                                 \
  }
ZC_BENCH_WORD(RowState)
ZC_BENCH_WORD(Transport)
ZC_BENCH_WORD(HeaderBy)
ZC_BENCH_WORD(Metric)
ZC_BENCH_WORD(FileKind)
#undef ZC_BENCH_WORD

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Estimate, median, low, high, rounds)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Sample, round, packets, wall_ns, machine_ns,
                                                process_ns, thread_ns, calls, zerocopy_sends,
                                                zerocopy_copied, send_errors)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Hotspot, percent, image, symbol)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Row, method, again, paper, relative_to, transport,
                                                rtp, header_bytes, state, why, checksum,
                                                ns_per_packet, cpu_s_per_gb, ratio,
                                                calls_per_packet, copied_share, cpu_gbit_per_s,
                                                wall_gbit_per_s, errors_per_packet, movement_ns,
                                                samples, profile)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Case, suite, environment, transport, file,
                                                file_bytes, payload_bytes, mtu, baseline, metric,
                                                metric_why, r_max_gbit_per_s, idle_load, rows)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(EnvironmentRecord, name, what, link, qdisc,
                                                congestion_control, features)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(HostRecord, kernel, cpu_model, cpu_cache,
                                                clocksource, cpus, memory_bytes, syscall_ns,
                                                sysctls, vulnerabilities)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Results, schema, suite, date, command, revision,
                                                smoke, interrupted, seed, rounds, seconds, host,
                                                environments, cases)

std::string to_json(const Results& results) {
  // Replaces what is not UTF-8, e.g. in a CPU's name, instead of throwing.
  return nlohmann::json(results).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

namespace {

// Figures are made from these, and none from what cannot have been.
std::string why_implausible(const Results& results) {
  constexpr unsigned kMostBytes = 65535;
  for (const Case& c : results.cases) {
    if (c.payload_bytes > kMostBytes) return "the size of a packet";
    for (const Row& row : c.rows) {
      for (const Sample& sample : row.samples) {
        if (sample.packets > INT64_MAX) return "the packets of " + row.method;
        if (sample.wall_ns < 0 || sample.process_ns < 0) return "the time of " + row.method;
      }
    }
  }
  return "";
}

Error no_result(const std::string& why) {
  return failed_error("not a result of zcctl bench: " + why);
}

}  // namespace

Result<Results> from_json(const std::string& text) try {
  const auto json = nlohmann::json::parse(text);
  const int schema = json.value("schema", 0);
  if (schema == kSchema) {
    auto results = json.get<Results>();
    const std::string wrong = why_implausible(results);
    if (wrong.empty()) return results;
    return failed_error(wrong + " cannot be what was measured");
  }
  return failed_error(
      "results of schema " + std::to_string(schema) + ", not " + std::to_string(kSchema),
      "another zcctl wrote them: use that one, or run the benchmark again");
} catch (const nlohmann::json::exception& broken) {
  return no_result(broken.what());
} catch (const UnknownWord& unknown) {
  return no_result(unknown.what());
}

const Row* find_row(const Case& c, const std::string& method) {
  const auto found = std::find_if(c.rows.begin(), c.rows.end(), [&](const Row& row) {
    return row.method == method && !row.again;
  });
  return found == c.rows.end() ? nullptr : &*found;
}

}  // namespace zc::bench
