// SPDX-License-Identifier: GPL-2.0-only
// loan: what a copy costs and what a loan costs instead (paper 000), over sizes of a datagram.
#include "cases.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

const std::vector<unsigned> kPayloadBytes{64,   128,  256,   512,   1024, 2048,
                                          4096, 8192, 16384, 32768, 65504};
// Most of the time behind a gigabit is waiting.
const std::vector<unsigned> kSustainedBytes{1024, 4096, 8192, 16384, 32768};
const std::vector<unsigned> kQuickBytes{64, 4096, 32768};
// Is as large as a datagram: no fragments, so that copy and loan are all that differs (Figures 1 to
// 3).
constexpr unsigned kLargestMtu = 65535;

bool behind_a_queue(const EnvironmentKind& environment) {
  return environment.name == kNic1g;
}

std::vector<unsigned> sizes(const EnvironmentKind& environment, const RunRequest& request) {
  if (!request.payload_bytes.empty()) return request.payload_bytes;
  if (request.quick) return kQuickBytes;
  return behind_a_queue(environment) ? kSustainedBytes : kPayloadBytes;
}

// Figures 4 to 6 are of 1500 and 9000.
std::vector<unsigned> mtus(const EnvironmentKind& environment) {
  const bool wide = !behind_a_queue(environment) && environment.name != kVeth;
  return wide ? std::vector<unsigned>{kLargestMtu, 1500, 9000} : std::vector<unsigned>{1500, 9000};
}

}  // namespace

Result<std::vector<CasePlan>> loan_cases(const EnvironmentKind& environment,
                                         const RunRequest& request) {
  CasePlan plan;
  plan.environment = &environment;
  plan.baseline = &loan_send;
  plan.methods = choose_methods(kLoan, loan_send, request);
  // One buffer that is sent again and again, as there.
  plan.source = Source::kHot;
  // Figure 6 is of sends that find the queue full; Linux would let them wait in the socket.
  plan.wide_socket = true;
  std::vector<CasePlan> plans;
  for (const unsigned mtu : mtus(environment)) {
    for (const unsigned bytes : sizes(environment, request)) {
      plan.payload_bytes = bytes;
      plan.mtu = mtu;
      plans.push_back(plan);
    }
  }
  return plans;
}

}  // namespace zc::bench
