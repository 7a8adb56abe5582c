// SPDX-License-Identifier: GPL-2.0-only
// streaming: stored bytes as RTP, in the ways of paper 002, Table 4 (its Figures 4 and 5), and of
// today. rivals: the best of them only.
#include "cases.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

// The papers', seven TS packets, what fills an Ethernet frame with zcctl's header and without
// touching the limit, a size that must be cut into IP fragments, and jumbo frames.
const std::vector<unsigned> kPayloadBytes{512, 1024, 1316, 1388, 2048, 8936};
constexpr unsigned kHotPayloadBytes = 1388;
// The rivals' are fewer, in two environments each: what real programs send, and the fullest frames.
const std::vector<unsigned> kRivalPayloadBytes{1316, 1388, 8936};

Result<std::vector<CasePlan>> cases(Suite suite, const std::vector<unsigned>& sizes,
                                    const EnvironmentKind& environment, const RunRequest& request) {
  CasePlan plan;
  plan.environment = &environment;
  plan.baseline = &read_writev;
  plan.methods = choose_methods(suite, read_writev, request);
  std::vector<CasePlan> plans;
  for (const unsigned bytes : request.payload_bytes.empty() ? sizes : request.payload_bytes) {
    plan.payload_bytes = bytes;
    plan.mtu = mtu_for(bytes);
    plan.source = request.quick ? Source::kHot : Source::kLarge;
    plans.push_back(plan);
    if (request.quick || bytes != kHotPayloadBytes) continue;
    plan.source = Source::kHot;
    plans.push_back(plan);
  }
  return plans;
}

}  // namespace

Result<std::vector<CasePlan>> streaming_cases(const EnvironmentKind& environment,
                                              const RunRequest& request) {
  return cases(kStreaming, kPayloadBytes, environment, request);
}

Result<std::vector<CasePlan>> rivals_cases(const EnvironmentKind& environment,
                                           const RunRequest& request) {
  return cases(kRivals, kRivalPayloadBytes, environment, request);
}

}  // namespace zc::bench
