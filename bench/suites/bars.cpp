// SPDX-License-Identifier: GPL-2.0-only
// bars: only what report/bars.cpp needs to say whether zcctl's ways are as fast as promised.
#include "cases.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr unsigned kPayloadBytes = 1388;
constexpr unsigned kJumboPayloadBytes = 8936;

CasePlan case_of(const EnvironmentKind& environment, const RunRequest& request,
                 unsigned payload_bytes, std::vector<const Method*> methods) {
  CasePlan plan;
  plan.environment = &environment;
  plan.payload_bytes = payload_bytes;
  plan.mtu = mtu_for(payload_bytes);
  plan.source = request.quick ? Source::kHot : Source::kLarge;
  plan.baseline = &read_writev;
  plan.methods = std::move(methods);
  return plan;
}

}  // namespace

Result<std::vector<CasePlan>> bars_cases(const EnvironmentKind& environment,
                                         const RunRequest& request) {
  if (!request.methods.empty() || !request.payload_bytes.empty() || !request.environments.empty())
    return usage_error("--suite bars has its own methods, sizes and environments",
                       "--suite streaming takes --methods, --sizes and --env");
  const std::vector<const Method*> pair{&read_writev,
                                        &krtpsendfile,
                                        &krtpsendfile_sum,
                                        &udp_segment_writev,
                                        &udp_segment_writev_premapped,
                                        &udp_segment_read_writev};
  // The rival wins on a device with UDP segmentation.
  if (environment.name == kNicUso)
    return std::vector{case_of(environment, request, kPayloadBytes, pair)};
  std::vector<const Method*> all = pair;
  all.insert(all.end(), {&rtp_sendfile, &sendfile_segment_bare, &sendfile_bare, &rtpsendfile,
                         &rtpsendfile_sum});
  return std::vector{case_of(environment, request, kPayloadBytes, std::move(all)),
                     case_of(environment, request, kJumboPayloadBytes, pair)};
}

}  // namespace zc::bench
