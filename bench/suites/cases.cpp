#include "bench/suites/cases.h"

#include <algorithm>

#include "bench/methods/methods.h"

namespace zc::bench {
namespace {

constexpr unsigned kEthernetMtu = 1500;
constexpr unsigned kJumboMtu = 9000;
constexpr unsigned kSmallestJumbo = 4096;

bool is_named(const Wish& wish, const Method& method) {
  return wish.methods.empty() ||
         std::find(wish.methods.begin(), wish.methods.end(), method.name) != wish.methods.end();
}

}  // namespace

unsigned mtu_for(unsigned payload_bytes) {
  return payload_bytes < kSmallestJumbo ? kEthernetMtu : kJumboMtu;
}

Result<std::vector<const Method*>> choose_methods(Suite suite, const Method& baseline,
                                                  const Wish& wish) {
  for (const std::string& name : wish.methods) {
    const Method* const method = find_method(name);
    if (method == nullptr)
      return usage_error("--methods: there is no method '" + name + "'",
                         "zcctl bench list has them");
    if ((method->suites & suite) == 0)
      return usage_error("--methods: '" + name + "' is not in this suite",
                         "zcctl bench list says in which it is");
  }
  std::vector<const Method*> chosen;
  for (const Method* const method : all_methods()) {
    const bool in_suite = (method->suites & suite) != 0;
    if (method == &baseline || (in_suite && is_named(wish, *method))) chosen.push_back(method);
  }
  return chosen;
}

}  // namespace zc::bench
