// SPDX-License-Identifier: GPL-2.0-only
#include "blocks.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace zc::out {

std::string why_text(core::step::RemovePins::Why why, const std::string& state) {
  using Why = core::step::RemovePins::Why;
  switch (why) {
    case Why::kLeftover:
      return "left over: " + state;
    case Why::kAllRules:
      return "all rules go";
    case Why::kLastRule:
      return "the last rule goes";
  }
  return "";
}

std::string counters_text(const zc_counts& counts) {
  std::string text;
#define ZC_COUNTER_TEXT(name, meaning)                                                  \
  if (counts.packets[ZC_VERDICT_##name] > 0 || ZC_VERDICT_##name == ZC_VERDICT_stamped) \
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", #name,                     \
                        counts.packets[ZC_VERDICT_##name]);
  ZC_COUNTERS(ZC_COUNTER_TEXT)
#undef ZC_COUNTER_TEXT
  return text;
}

std::string findings_text(const core::Findings& findings, const std::string& indent) {
  std::string text;
  for (const core::Finding& finding : findings) {
    text += fmt::format("{}! {}\n", indent, printable(finding.text));
    if (!finding.mend.empty())
      text += fmt::format("{}  hint: {}\n", indent, printable(finding.mend));
  }
  return text;
}

}  // namespace zc::out
