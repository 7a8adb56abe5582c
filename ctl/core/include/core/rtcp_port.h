// SPDX-License-Identifier: GPL-2.0-only
// Whether the port for a rule's RTCP is another rule's RTP port. Pure.
#pragma once

#include <string>
#include <vector>

#include "api/tables.h"
#include "base/result.h"
#include "core/findings.h"
#include "core/rule.h"

namespace zc::core {

// Would reports of the rule come to where `match` takes packets for RTP?
bool reports_come_to(const Match& match, const zc_rule& rule);

// RTCP goes to the port behind RTP's (RFC 3550 11). Where that is another rule's destination, a
// report would become a packet of that stream: RTCP is left off where zcctl chooses, and kExists
// where the operator asked for it. Where the operator asked for that of another rule, which comes
// to this one's port, there is a finding. `rules` are those of `dev`.
Status settle_rtcp_port(const std::string& dev, const std::vector<api::RuleEntry>& rules,
                        RuleSpec& spec, Findings& findings);

// A rule whose RTCP zcctl chose, and chooses otherwise now that another rule has its port.
struct RtcpOff {
  uint32_t id = 0;
  zc_rule before{}, after{};
};
std::vector<RtcpOff> without_rtcp(const Match& match, const std::vector<api::RuleEntry>& rules);

}  // namespace zc::core
