// SPDX-License-Identifier: GPL-2.0-only
#include "cases.h"

#include <algorithm>

#include "methods/methods.h"

namespace zc::bench {
namespace {

constexpr unsigned kEthernetMtu = 1500;
constexpr unsigned kJumboMtu = 9000;
constexpr unsigned kSmallestJumbo = 4096;

bool is_named(const RunRequest& request, const Method& method) {
  return request.methods.empty() || std::find(request.methods.begin(), request.methods.end(),
                                              method.name) != request.methods.end();
}

}  // namespace

unsigned mtu_for(unsigned payload_bytes) {
  return payload_bytes < kSmallestJumbo ? kEthernetMtu : kJumboMtu;
}

std::vector<const Method*> choose_methods(Suite suite, const Method& baseline,
                                          const RunRequest& request) {
  std::vector<const Method*> chosen;
  for (const Method* const method : all_methods()) {
    const bool in_suite = (method->suites & suite) != 0;
    if (method == &baseline || (in_suite && is_named(request, *method))) chosen.push_back(method);
  }
  return chosen;
}

}  // namespace zc::bench
