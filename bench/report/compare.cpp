#include "bench/report/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/report/figures.h"

namespace zc::bench {
namespace {

bool same_case(const Case& one, const Case& other) {
  return one.suite == other.suite && one.environment == other.environment &&
         one.transport == other.transport && one.payload_bytes == other.payload_bytes &&
         one.file == other.file && one.mtu == other.mtu;
}

const Case* find_same(const Collection& collection, const Case& c) {
  const auto found = std::find_if(collection.cases.begin(), collection.cases.end(),
                                  [&](const Measured& m) { return same_case(*m.c, c); });
  return found == collection.cases.end() ? nullptr : found->c;
}

Status check_same(const Collection& one, const Collection& other, const char* which) {
  for (const Measured& m : one.cases) {
    if (find_same(other, *m.c) == nullptr)
      return Error{
          ExitCode::kFailed,
          fmt::format("cannot compare: only the {} has {}, MTU {}", which, name_of(*m.c), m.c->mtu),
          "run the same suite, environments and sizes on both",
          {}};
  }
  return ok();
}

bool all_by_machine(const Collection& collection) {
  return std::all_of(collection.cases.begin(), collection.cases.end(),
                     [](const Measured& m) { return m.c->metric == "machine"; });
}

std::string host_of(const Collection& collection) {
  const Results& run = *collection.cases.front().run;
  return fmt::format("Linux {}, {} × {}, {}", run.host.kernel, run.host.cpus, run.host.cpu_model,
                     run.date);
}

std::vector<double> seconds_per_gb(const Row& row, const Case& c, const std::string& metric) {
  std::vector<double> values;
  for (const Sample& sample : row.samples)
    values.push_back(ns_per_packet(sample, metric) / c.payload_bytes);
  return values;
}

std::string why_none(const Row* one, const Row* other) {
  const auto why = [](const char* which, const Row* row) {
    if (row == nullptr) return fmt::format("{}: not measured", which);
    if (!row->valid()) return fmt::format("{}: {}, {}", which, row->state, row->why);
    return row->samples.empty() ? fmt::format("{}: no round", which) : std::string();
  };
  const std::string first = why("first", one), second = why("second", other);
  return first + (first.empty() || second.empty() ? "" : "; ") + second;
}

ComparedRow compare_rows(const Case& c, const Row* one, const Row* other,
                         const std::string& metric) {
  ComparedRow row{
      c.suite, c.environment,       size_text(c), (one != nullptr ? one : other)->method, {}, {},
      {},      why_none(one, other)};
  const auto values = [&](const Row* r) {
    return r == nullptr || !r->valid() ? std::vector<double>() : seconds_per_gb(*r, c, metric);
  };
  const auto first = values(one), second = values(other);
  row.one = estimate(first);
  row.other = estimate(second);
  if (!row.why.empty()) return row;
  row.ratio = ratio_of_two(second, first);
  row.different = row.one.high < row.other.low || row.other.high < row.one.low;
  return row;
}

void add_case(const Case& one, const Case& other, Comparison& comparison) {
  for (const Row& row : one.rows) {
    if (!row.again)
      comparison.rows.push_back(
          compare_rows(one, &row, find_row(other, row.method), comparison.metric));
  }
  for (const Row& row : other.rows) {
    if (!row.again && find_row(one, row.method) == nullptr)
      comparison.rows.push_back(compare_rows(one, nullptr, &row, comparison.metric));
  }
}

}  // namespace

Result<Comparison> compare(const Collection& one, const Collection& other) {
  ZC_TRY(check_same(one, other, "first"));
  ZC_TRY(check_same(other, one, "second"));
  if (one.cases.empty()) return Error{ExitCode::kFailed, "nothing to compare: no cases", {}, {}};
  Comparison comparison;
  comparison.one = host_of(one);
  comparison.other = host_of(other);
  // Samples have both times; what is compared must be the same of both.
  comparison.metric = all_by_machine(one) && all_by_machine(other) ? "machine" : "process";
  comparison.smoke = one.smoke() || other.smoke();
  for (const Measured& m : one.cases)
    add_case(*m.c, *find_same(other, *m.c), comparison);
  return comparison;
}

}  // namespace zc::bench
