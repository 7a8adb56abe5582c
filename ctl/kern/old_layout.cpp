// SPDX-License-Identifier: GPL-2.0-only
#include "old_layout.h"

#include <cstring>

namespace zc::kern {

zc_rule lengthen(const ShortRule& old) {
  zc_rule rule{};
  rule.match = old.match;
  zc_options& options = rule.options;
  options.how.payload_type = old.payload_type;
  options.how.checksum = old.checksum;
  options.how.payload_header_bytes = old.payload_header_bytes;
  options.how.flags = static_cast<uint8_t>(old.flags | ZC_RULE_TIMESTAMP_AUTO | ZC_RULE_RTCP_AUTO);
  options.how.timestamp = ZC_TIMESTAMP_WALL;
  options.ticks_q64 = old.ticks_q64;
  options.clock_hz = old.clock_hz;
  options.first_ssrc = old.first_ssrc;
  options.first_ts = old.first_ts;
  options.first_seq = old.first_seq;
  options.segment_bytes = old.segment_bytes;
  options.pcr_pid = ZC_NO_PID;
  static_assert(sizeof(options.payload_name) > sizeof(old.payload_name));
  std::memcpy(options.payload_name, old.payload_name, sizeof(old.payload_name));
  return rule;
}

}  // namespace zc::kern
