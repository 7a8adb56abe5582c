// SPDX-License-Identifier: GPL-2.0-only
// The suites' cases, one function for each file, and what those share.
#pragma once

#include <vector>

#include "base/result.h"
#include "measure/run_plan.h"
#include "suites/suites.h"

namespace zc::bench {

// 9000 for jumbo payloads, else 1500: 2048, a size of the papers', shall need fragments.
unsigned mtu_for(unsigned payload_bytes);

// Those of a suite that the request names, in the order of the list; all where it names none. The
// baseline is always among them.
std::vector<const Method*> choose_methods(Suite suite, const Method& baseline,
                                          const RunRequest& request);

// One per file.
Result<std::vector<CasePlan>> streaming_cases(const EnvironmentKind& environment,
                                              const RunRequest& request);
Result<std::vector<CasePlan>> rivals_cases(const EnvironmentKind& environment,
                                           const RunRequest& request);
Result<std::vector<CasePlan>> download_cases(const EnvironmentKind& environment,
                                             const RunRequest& request);
Result<std::vector<CasePlan>> loan_cases(const EnvironmentKind& environment,
                                         const RunRequest& request);
Result<std::vector<CasePlan>> clock_cases(const EnvironmentKind& environment,
                                          const RunRequest& request);
Result<std::vector<CasePlan>> bars_cases(const EnvironmentKind& environment,
                                         const RunRequest& request);
Result<std::vector<CasePlan>> tcp_cases(const EnvironmentKind& environment,
                                        const RunRequest& request);

}  // namespace zc::bench
