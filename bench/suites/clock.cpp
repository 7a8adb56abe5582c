// SPDX-License-Identifier: GPL-2.0-only
// clock: the same file by the same application, with rules that differ in their clock, or in pace.
#include "cases.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

// Seven TS packets: what a rule that follows their PCRs carries.
constexpr unsigned kPayloadBytes = 1316;

CasePlan case_of(const EnvironmentKind& environment, Source source,
                 std::vector<const Method*> methods) {
  CasePlan plan;
  plan.environment = &environment;
  plan.payload_bytes = kPayloadBytes;
  plan.mtu = mtu_for(kPayloadBytes);
  plan.source = source;
  plan.baseline = &clock_wall;
  plan.methods = std::move(methods);
  return plan;
}

}  // namespace

Result<std::vector<CasePlan>> clock_cases(const EnvironmentKind& environment,
                                          const RunRequest& request) {
  if (!request.payload_bytes.empty())
    return usage_error("--suite clock has one size: seven TS packets",
                       "--suite streaming takes --sizes");
  // Only where the file's rate changes is there more to do than where it does not.
  return std::vector{
      case_of(environment, Source::kSteadyTs, choose_methods(kClock, clock_wall, request)),
      case_of(environment, Source::kUnevenTs,
              {&clock_wall, &clock_pcr, &clock_wall_many, &clock_pcr_many})};
}

}  // namespace zc::bench
