// SPDX-License-Identifier: GPL-2.0-only
#include "suites/listing.h"

#include "methods/methods.h"
#include "suites/suites.h"

namespace zc::bench {
namespace {

// "download,streaming"
std::string names_of(unsigned bits) {
  std::string names;
  for (const SuiteKind& suite : suites()) {
    if ((bits & suite.bit) != 0) names += (names.empty() ? "" : ",") + std::string(suite.name);
  }
  return names;
}

}  // namespace

std::vector<Listed> list_methods() {
  std::vector<Listed> list;
  for (const Method* const method : all_methods()) {
    list.push_back({std::string(method->name), std::string(method->paper), names_of(method->suites),
                    to_string(method->way), to_string(method->rtp), std::string(method->needs),
                    method->missing()});
  }
  return list;
}

}  // namespace zc::bench
