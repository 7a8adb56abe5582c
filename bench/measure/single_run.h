// SPDX-License-Identifier: GPL-2.0-only
// One method, one run: a rule where it needs one, a fresh socket, the job, and the far end's
// verdict.
#pragma once

#include <string>

#include "env/environment.h"
#include "methods/method.h"
#include "results/results.h"

namespace zc::bench {

enum class Look : uint8_t {
  kTimed,    // counts what arrives
  kInspect,  // looks at every packet; its times mean nothing
};

struct RunSettings {
  Look look = Look::kTimed;
  double limit_seconds = 0;  // it never takes longer than that and a few more
  bool wide_socket = false;  // as in CasePlan
};

struct RunOutcome {
  Sample sample;         // machine_ns includes what the machine does when idle
  std::string problem;   // why the run is void; empty: it counts
  std::string checksum;  // as in Verdict
};

RunOutcome run_once(Environment& environment, const Method& method, const Expected& expected,
                    const RunSettings& settings);

}  // namespace zc::bench
