// SPDX-License-Identifier: GPL-2.0-only
// tcp: the same file as RTP in RFC 4571 frames, by the application and by zcctl; and without
// frames, which is what those cost.
#include "cases.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

const std::vector<unsigned> kPayloadBytes{1388, 8192};
// A frame may be in several segments: its size has nothing to do with the MTU.
constexpr unsigned kEthernetMtu = 1500;
constexpr unsigned kLoopbackMtu = 65536;

}  // namespace

Result<std::vector<CasePlan>> tcp_cases(const EnvironmentKind& environment,
                                        const RunRequest& request) {
  const bool loopback = environment.name == kLo;
  if (!loopback && environment.name != kVeth)
    return usage_error(
        "--suite tcp: nobody takes a TCP connection on " + std::string(environment.name),
        "--env lo,veth");
  CasePlan plan;
  plan.environment = &environment;
  plan.mtu = loopback ? kLoopbackMtu : kEthernetMtu;
  plan.source = request.quick ? Source::kHot : Source::kLarge;
  plan.baseline = &tcp_writev;
  plan.methods = choose_methods(kTcpFrames, tcp_writev, request);
  std::vector<CasePlan> plans;
  for (const unsigned bytes :
       request.payload_bytes.empty() ? kPayloadBytes : request.payload_bytes) {
    plan.payload_bytes = bytes;
    plans.push_back(plan);
  }
  return plans;
}

}  // namespace zc::bench
