// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp_port.h"

namespace zc::core {
namespace {

// From whichever port an agent sends, its address is the stream's.
bool same_source(const Match& one, const Match& other) {
  return !one.from || !other.from || one.from->address == other.from->address;
}

// Would the reports of `one` go where `other` takes packets for RTP?
bool reports_meet(const Match& one, const Match& other) {
  Endpoint reports = one.to;
  reports.port++;
  return reports == other.to && same_source(one, other);
}

bool was_chosen(const zc_rule& rule) {
  return rule.options.how.flags & ZC_RULE_RTCP_AUTO;
}

}  // namespace

bool reports_come_to(const Match& match, const zc_rule& rule) {
  return rule.options.how.rtcp == ZC_RTCP_ON && reports_meet(to_match(rule.match), match);
}

std::vector<RtcpOff> without_rtcp(const Match& match, const std::vector<api::RuleEntry>& rules) {
  std::vector<RtcpOff> changes;
  for (const api::RuleEntry& entry : rules) {
    if (!was_chosen(entry.rule) || !reports_come_to(match, entry.rule)) continue;
    changes.push_back({entry.id, entry.rule, entry.rule});
    changes.back().after.options.how.rtcp = ZC_RTCP_OFF;
  }
  return changes;
}

Status settle_rtcp_port(const std::string& dev, const std::vector<api::RuleEntry>& rules,
                        RuleSpec& spec, Findings& findings) {
  for (const api::RuleEntry& entry : rules) {
    const Match other = to_match(entry.rule.match);
    if (spec.rtcp == ZC_RTCP_ON && reports_meet(spec.match, other)) {
      if (!spec.rtcp_auto)
        return exists_error("--rtcp on: RTCP of " + spec.match.text() +
                                " goes to the next port, "
                                "and that is the RTP port of rule " +
                                other.text() + " on " + dev,
                            "--rtcp mux, or off");
      spec.rtcp = ZC_RTCP_OFF;
    }
    if (!was_chosen(entry.rule) && reports_come_to(spec.match, entry.rule))
      findings.push_back({"rtcp-port",
                          "RTCP of rule " + other.text() + " goes to " + spec.match.to.text() +
                              ", which is the RTP port of this rule now",
                          "attach that rule again with --rtcp mux, or off, and --replace"});
  }
  return ok();
}

}  // namespace zc::core
