// SPDX-License-Identifier: GPL-2.0-only
// download: stored bytes as they are, in the ways of paper 002, Table 3 (its Figure 3 a, UDP, and
// b, TCP).
#include <algorithm>
#include <array>

#include "cases.h"
#include "methods/methods.h"

namespace zc::bench {
namespace {

const std::vector<unsigned> kPayloadBytes{512, 1024, 1388, 2048, 8936};

// Table 3, then the second stand-in beside the first.
constexpr std::array kInTable3{
    &read_write,   &mmap_send,  &sendfile_bare, &read_write_tcp, &mmap_send_tcp,
    &sendfile_tcp, &mmap_msend, &kmsend,        &kmsend_uring,   &sendfile_segment_bare};

bool comes_before(const Method* one, const Method* other) {
  const auto place = [](const Method* method) {
    return std::find(kInTable3.begin(), kInTable3.end(), method);
  };
  return place(one) < place(other);
}

// Those of a transport; none where the request names only others.
std::vector<const Method*> methods_of(Way way, const Method& baseline, const RunRequest& request) {
  auto methods = choose_methods(kDownload, baseline, request);
  std::erase_if(methods, [&](const Method* method) { return method->way != way; });
  const bool named = std::any_of(methods.begin(), methods.end(), [&](const Method* method) {
    return std::find(request.methods.begin(), request.methods.end(), method->name) !=
           request.methods.end();
  });
  if (!request.methods.empty() && !named) methods.clear();
  std::stable_sort(methods.begin(), methods.end(), comes_before);
  return methods;
}

// TCP, where somebody answers; UDP elsewhere, and there too where it is asked for.
bool takes_part(Way way, const EnvironmentKind& environment, const RunRequest& request) {
  const bool answers = environment.name == kVeth;
  return way == Way::kTcp ? answers : !answers || !request.environments.empty();
}

}  // namespace

Result<std::vector<CasePlan>> download_cases(const EnvironmentKind& environment,
                                             const RunRequest& request) {
  std::vector<CasePlan> plans;
  for (const Method* const baseline : {&read_write, &read_write_tcp}) {
    CasePlan plan;
    plan.environment = &environment;
    plan.baseline = baseline;
    plan.methods = methods_of(baseline->way, *baseline, request);
    plan.source = request.quick ? Source::kHot : Source::kLarge;
    if (plan.methods.empty() || !takes_part(baseline->way, environment, request)) continue;
    for (const unsigned bytes :
         request.payload_bytes.empty() ? kPayloadBytes : request.payload_bytes) {
      plan.payload_bytes = bytes;
      plan.mtu = mtu_for(bytes);
      plans.push_back(plan);
    }
  }
  return plans;
}

}  // namespace zc::bench
