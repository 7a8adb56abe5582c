// SPDX-License-Identifier: GPL-2.0-only
// What the commands do with targets; beside core/commands.h, whose status() and clean() have them,
// too. Prints nothing and knows no command line.
#pragma once

#include <string>
#include <vector>

#include "api/host.h"
#include "base/result.h"
#include "core/commands.h"
#include "core/target_plan.h"

namespace zc::core {

struct TargetAttachRequest {
  std::string name;  // "cgroup:PATH"
  WantedRule wanted;
};
struct TargetAttachReport {
  TargetPlan plan;
  api::FramedRule rule;
};
// The rule is in force for connections that come when it returns; on failure the rules are as they
// were. kUnsupported where the kernel cannot frame.
Result<TargetAttachReport> attach_target(api::Host& host, const TargetAttachRequest& request,
                                         Run run);

struct TargetDetachRequest {
  std::string name;
  UnwantedRule unwanted;
};
// The cgroup may be gone: then its leftovers go. kNotFound where there is nothing to remove.
Result<TargetPlan> detach_target(api::Host& host, const TargetDetachRequest& request, Run run);

// One rule of a target, as show has it.
struct FoundFramedRule {
  api::FramedRule rule;
  std::optional<Endpoint> ours{};  // this host's end of its newest connection, without its port
};
// kNotFound where there is none.
Result<FoundFramedRule> find_target_rule(api::Host& host, const std::string& name,
                                         const Match& match);

// Every step is taken, or what can be undone of those before the one that failed is undone.
Status execute(api::TargetSession& session, const TargetPlan& plan);

// A target by its name, that of a cgroup which is gone by what its pins remember.
Result<api::Target> resolve_target(api::Host& host, api::TargetReader& reader,
                                   const std::string& name);
Result<TargetState> read_target_state(api::TargetReader& reader, const api::Target& target);

Result<TargetStatus> read_target_status(api::Host& host, api::TargetReader& reader,
                                        const api::PinnedTarget& pins);
// What pins that are not live still hold, as far as it can be read.
Result<TargetTrouble> read_target_trouble(api::TargetReader& reader, const api::PinnedTarget& pins);
// Why a target of sockets (pid:PID) is of no use any more.
inline constexpr const char* kConnectionsGone = "its connections are gone";
std::string pins_mend(const api::PinnedTarget& pins);
Findings findings_of(const TargetStatus& target);

}  // namespace zc::core
