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

// Those of a transport; none where the wish names only others.
std::vector<const Method*> methods_of(Way way, const Method& baseline, const Wish& wish) {
  auto methods = choose_methods(kDownload, baseline, wish);
  std::erase_if(methods, [&](const Method* method) { return method->way != way; });
  const bool named = std::any_of(methods.begin(), methods.end(), [&](const Method* method) {
    return std::find(wish.methods.begin(), wish.methods.end(), method->name) != wish.methods.end();
  });
  if (!wish.methods.empty() && !named) methods.clear();
  std::stable_sort(methods.begin(), methods.end(), comes_before);
  return methods;
}

// Where somebody answers, TCP; UDP elsewhere, and there too where it is asked for.
bool takes_part(Way way, const EnvironmentKind& environment, const Wish& wish) {
  const bool answers = environment.name == kVeth;
  return way == Way::kTcp ? answers : !answers || !wish.environments.empty();
}

}  // namespace

Result<std::vector<CasePlan>> download_cases(const EnvironmentKind& environment, const Wish& wish) {
  std::vector<CasePlan> plans;
  for (const Method* const baseline : {&read_write, &read_write_tcp}) {
    CasePlan plan;
    plan.environment = &environment;
    plan.baseline = baseline;
    plan.methods = methods_of(baseline->way, *baseline, wish);
    plan.hot = wish.quick;
    if (plan.methods.empty() || !takes_part(baseline->way, environment, wish)) continue;
    for (const unsigned bytes : wish.payload_bytes.empty() ? kPayloadBytes : wish.payload_bytes) {
      plan.payload_bytes = bytes;
      plan.mtu = mtu_for(bytes);
      plans.push_back(plan);
    }
  }
  return plans;
}

}  // namespace zc::bench
