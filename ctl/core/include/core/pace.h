// SPDX-License-Identifier: GPL-2.0-only
// Pacing: which rules wait for their time, and what they wait in (docs/pacing.md).
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "api/session.h"
#include "base/result.h"
#include "core/plan.h"
#include "zc/abi.h"

namespace zc::core {

bool is_paced(const zc_rule& rule);
// The ids of those that are.
std::set<uint32_t> paced_rules(const std::vector<api::RuleEntry>& rules);
// The id that the next rule will have: the smallest that is free.
uint32_t next_rule_id(const std::vector<api::RuleEntry>& rules);

// Does a queue let the packets of a paced rule leave as the rule says?
bool paces_as_said(const api::PaceQueue& queue, const api::RuleEntry& entry);

// kUnsupported, with the reason, where the device can have no queue for --rate.
Status check_pace(const api::Device& device);

// Likewise where the kernel's queues are of this kind; `departures`: --rate auto is wanted.
Status check_pace_kind(zc_pace_kind kind, bool departures);

// What has to be done before a rule comes or changes, so that its first packet finds its queue;
// `before`: the rule that it takes the place of. Mends what is lost, too. kUnsupported where the
// queue that is there cannot do what the rule wants.
Status add_pace_steps(const api::Device& device, const zc_rule& rule, const api::RuleEntry* before,
                      const DeviceState& state, Plan& plan);
// What has to be done once the paced rules are these.
void add_trim_step(const std::set<uint32_t>& paced, const DeviceState& state, Plan& plan);

// Makes the queue what the rules of the tables say, whoever was killed over it: what no rule waits
// in goes, and each rule has its rate. One that is lost stays so: for an attach to make.
Status settle_pace(api::Session& session, const api::PinnedDevice& pins, api::Tables& tables);

}  // namespace zc::core
