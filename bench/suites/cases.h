// What suites share when they make their cases.
#pragma once

#include <vector>

#include "base/result.h"
#include "bench/measure/run_plan.h"
#include "bench/suites/suites.h"

namespace zc::bench {

// 9000 for jumbo payloads, else 1500: 2048, a size of the papers', shall need fragments.
unsigned mtu_for(unsigned payload_bytes);

// Those of a suite that the wish names, in the order of the list; all where it names none. The
// baseline is always among them. kUsage for a method that is not in the suite.
Result<std::vector<const Method*>> choose_methods(Suite suite, const Method& baseline,
                                                  const Wish& wish);

}  // namespace zc::bench
