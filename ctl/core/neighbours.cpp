// SPDX-License-Identifier: GPL-2.0-only
#include "core/neighbours.h"

#include <chrono>
#include <optional>
#include <thread>

#include <algorithm>

#include "base/printable.h"

namespace zc::core {
namespace {

constexpr int kLooks = 10;
constexpr std::chrono::milliseconds kBetweenLooks{50};

// How to end a program of zcctl's that no pins here know.
std::string way_out(const std::string& dev, const api::HookEntry& lost) {
  if (lost.hook == ZC_HOOK_CLSACT)
    return "remove it: tc filter del dev " + shell_word(dev) + " egress protocol all pref " +
           std::to_string(lost.preference) + " handle " + std::to_string(lost.handle) + " bpf";
  return "`zcctl clean` ends it where it came with " + dev +
         " from another network namespace; else its pins are in another bpffs, and `bpftool link "
         "detach id " +
         std::to_string(lost.link) + "` ends it";
}

}  // namespace

Result<std::vector<api::HookEntry>> before_ours(api::Reader& reader, uint32_t ifindex) {
  std::vector<api::HookEntry> chain = ZC_TRY(reader.egress_chain(ifindex));
  const auto ours = std::ranges::find_if(chain, [](const auto& entry) { return entry.ours; });
  chain.erase(ours, chain.end());
  return chain;
}

Result<std::optional<api::HookEntry>> find_lost_zcctl(api::Reader& reader, uint32_t ifindex) {
  const auto look = [&]() -> Result<std::optional<api::HookEntry>> {
    for (const api::HookEntry& entry : ZC_TRY(reader.egress_chain(ifindex))) {
      if (entry.is_lost_zcctl()) return std::optional(entry);
    }
    return std::optional<api::HookEntry>();
  };
  std::optional<api::HookEntry> lost = ZC_TRY(look());
  for (int i = 0; lost && i < kLooks; i++) {
    std::this_thread::sleep_for(kBetweenLooks);
    lost = ZC_TRY(look());
  }
  return lost;
}

Status check_alone(api::Reader& reader, const api::Device& device) {
  const std::optional<api::HookEntry> lost = ZC_TRY(find_lost_zcctl(reader, device.ifindex));
  if (!lost) return ok();
  return exists_error(
      "a zcctl is at work on " + device.name + " already, whose pins are not here: " + lost->text(),
      way_out(device.name, *lost));
}

Result<std::vector<Doubled>> find_doubled(api::Host& host, api::Reader& reader, uint32_t ifindex,
                                          const std::vector<Match>& matches) {
  std::vector<Doubled> doubled;
  const std::vector<uint32_t> stacked = ZC_TRY(reader.stacked(ifindex));
  if (stacked.empty()) return doubled;
  for (const api::PinnedDevice& pins : ZC_TRY(reader.pinned())) {
    if (!pins.here || !pins.holds_rules() || !std::ranges::count(stacked, pins.ifindex)) continue;
    for (const api::RuleEntry& entry : ZC_TRY(ZC_TRY(reader.read(pins))->rules())) {
      const Match other = to_match(entry.rule.match);
      for (const Match& match : matches) {
        if (overlap(match, other))
          doubled.push_back({match, host.device_name(pins.ifindex), other});
      }
    }
  }
  return doubled;
}

}  // namespace zc::core
