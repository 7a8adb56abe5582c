// SPDX-License-Identifier: GPL-2.0-only
// Rules and devices that many tests use. Made by hand, not by the code under test.
#pragma once

#include <arpa/inet.h>

#include <cstring>
#include <string>

#include "api/host.h"
#include "zc/abi.h"

namespace zc {

// A rule 10.0.0.2:PORT, from 10.0.0.SOURCE:SOURCE_PORT; 0: any.
inline zc_rule sample_rule(uint16_t port, uint8_t source = 0, uint16_t source_port = 0) {
  zc_rule rule{};
  rule.match.family = ZC_IPV4;
  rule.match.daddr[0] = htonl(0x0a000002);
  rule.match.saddr[0] = source == 0 ? 0 : htonl(0x0a000000U + source);
  rule.match.dport = htons(port);
  rule.match.sport = htons(source_port);
  rule.options.how.payload_type = 33;
  rule.options.clock_hz = 90000;
  rule.options.how.checksum = ZC_CHECKSUM_LCO;
  rule.options.how.flags = ZC_RULE_CHECKSUM_AUTO | ZC_RULE_TIMESTAMP_AUTO | ZC_RULE_RTCP_AUTO;
  rule.options.pcr_pid = ZC_NO_PID;
  rule.options.ticks_q64 = 1660206966633859U;
  std::strncpy(rule.options.payload_name, "MP2T", sizeof(rule.options.payload_name) - 1);
  return rule;
}

inline zc_rule paced(zc_rule rule, uint64_t bps = 8'000'000) {
  rule.options.how.pace = bps == 0 ? ZC_PACE_PCR : ZC_PACE_RATE;
  rule.options.rate_bps = bps;
  return rule;
}

inline api::PinnedDevice sample_pins(api::PinnedDevice::State state, uint32_t ifindex = 2,
                                     const std::string& why = "") {
  return {.netns_cookie = 1, .ifindex = ifindex, .here = true, .state = state, .why = why};
}

}  // namespace zc
