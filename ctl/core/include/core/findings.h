// SPDX-License-Identifier: GPL-2.0-only
// What is wrong, or will not go as its operator thinks: facts in, findings out. Pure: who gathers
// the facts is the command that tells the findings. docs/troubleshooting.md is their long form.
//
// To add one: a function beside its like in a findings*.cpp, a line in the list that calls it, a
// paragraph in docs/troubleshooting.md under its id.
#pragma once

#include <string>
#include <vector>

#include "api/session.h"
#include "api/tables.h"

namespace zc::core {

struct DeviceStatus;

struct Finding {
  std::string id;    // a stable word, for scripts: "stage-lost"
  std::string text;  // one line: what, on what, why; no full stop
  std::string mend;  // the command or the act that mends it; may be empty

  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

std::string rule_text(const api::RuleEntry& entry);  // "rule 10.0.0.2:5004"
uint64_t packets_of(const api::RuleEntry& entry, zc_verdict counter);

// What a device's rules, counters and stage tell without a look at anything else: what `show` says.
// `findings` of the status are not read.
Findings findings_of(const DeviceStatus& device);

// What mends pins that are not live: each state has its own, for `clean` gives rules up that
// `attach` could still hang again.
std::string pins_mend(const api::PinnedDevice& pins);

// One for each drop counter that is not 0: what it means and what mends it.
Findings drop_findings(const std::string& dev, const api::RuleEntry& entry);

}  // namespace zc::core
