// SPDX-License-Identifier: GPL-2.0-only
// zc_rules, of this layout or of an older one, whose rules are read as today's.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "map.h"
#include "old_layout.h"
#include "zc/abi.h"

namespace zc::kern {

class RuleTable {
 public:
  static Result<RuleTable> open(const std::string& path, uint32_t layout) {
    RuleTable table;
    if (has_short_rules(layout))
      table.short_.emplace(ZC_TRY(ArrayMap<ShortRule>::open(path, ZC_MAX_RULES)));
    else
      table.rules_.emplace(ZC_TRY(ArrayMap<zc_rule>::open(path, ZC_MAX_RULES)));
    return table;
  }

  static constexpr uint32_t size() { return ZC_MAX_RULES; }
  zc_rule at(uint32_t id) { return short_ ? lengthen((*short_)[id]) : (*rules_)[id]; }
  // Of this layout only: whoever changes rules has taken an older one over.
  zc_rule& operator[](uint32_t id) { return (*rules_)[id]; }

 private:
  RuleTable() = default;
  std::optional<ArrayMap<zc_rule>> rules_;
  std::optional<ArrayMap<ShortRule>> short_;
};

}  // namespace zc::kern
