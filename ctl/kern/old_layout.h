// SPDX-License-Identifier: GPL-2.0-only
// What layouts 2 to 4 had otherwise, and what it has become: shorter rules, and a zc_meta that is
// today's first words. All other maps that hold rules or streams are the same.
#pragma once

#include <cstdint>

#include "zc/abi.h"

namespace zc::kern {

constexpr uint32_t kOldestLayout = 2;
constexpr uint32_t kLastOfShortRules = 4;

constexpr uint32_t kShortMetaBytes = 56;

struct ShortRule {
  zc_flow match;
  uint8_t payload_type, checksum, payload_header_bytes, flags;
  uint32_t clock_hz;
  uint64_t ticks_q64;
  uint32_t first_ssrc, first_ts, first_seq, segment_bytes;
  char payload_name[24];
};
static_assert(sizeof(ShortRule) == 96);

inline bool has_short_rules(uint32_t layout) {
  return layout >= kOldestLayout && layout <= kLastOfShortRules;
}

// The same rule in today's layout. Its clock is the wall's, as it was; `attach` may choose anew.
zc_rule lengthen(const ShortRule& old);

}  // namespace zc::kern
