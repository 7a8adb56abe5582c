// SPDX-License-Identifier: GPL-2.0-only
#include "target_tables.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "grace.h"
#include "map.h"
#include "meta.h"
#include "shared_word.h"

namespace zc::kern {
namespace {

using Matches = HashMap<zc_flow, uint32_t>;
using Connected = HashMap<uint32_t, zc_connected>;
using Sockets = HashMap<uint32_t, uint64_t>;  // user space reads a socket's cookie

struct Maps {
  zc_meta meta;
  Matches match;
  Connected connected;
  Sockets sockets;
  ArrayMap<zc_rule> rules;
  ArrayMap<zc_framing> framings;
  ArrayMap<zc_counts> counts;
  ArrayMap<zc_stream> slots;
  ArrayMap<zc_clock> clocks;
};

class PinnedTargetTables final : public api::TargetTables {
 public:
  explicit PinnedTargetTables(Maps maps) : maps_(std::move(maps)) {}

  zc_meta meta() const override { return maps_.meta; }
  Result<std::vector<api::RuleEntry>> rules() override;
  Result<std::vector<api::StreamEntry>> streams() override;
  Status add_rule(const api::FramedRule& rule) override;
  Status replace_rule(uint32_t id, const api::FramedRule& rule) override;
  Status remove_rule(uint32_t id, api::Living living) override;

 private:
  Result<std::set<uint32_t>> used_ids();

  Maps maps_;
};

Result<std::vector<api::StreamEntry>> PinnedTargetTables::streams() {
  std::vector<api::StreamEntry> entries;
  for (const auto& [slot, connected] : ZC_TRY(maps_.connected.entries())) {
    if (slot >= maps_.slots.size()) continue;
    const zc_stream stream = maps_.slots[slot];
    if (stream.state == ZC_SLOT_USED)  // else it is being taken, or has just ended
      entries.push_back({connected.flow, stream, slot, maps_.clocks[slot]});
  }
  return entries;
}

Result<std::vector<api::RuleEntry>> PinnedTargetTables::rules() {
  std::map<uint32_t, uint64_t> stamped;
  for (const api::StreamEntry& entry : ZC_TRY(streams()))
    stamped[entry.stream.rule] += entry.stream.next_seq - entry.stream.first_seq;
  std::vector<api::RuleEntry> entries;
  for (const auto& [flow, id] : ZC_TRY(maps_.match.entries())) {
    if (id >= maps_.rules.size()) continue;
    api::RuleEntry entry{id, maps_.rules[id], maps_.counts[id], {}, maps_.framings[id]};
    entry.counts.packets[ZC_VERDICT_stamped] += stamped[id];
    entries.push_back(entry);
  }
  std::ranges::sort(entries, {}, &api::RuleEntry::id);
  return entries;
}

// A number is free when no connection counts for it any more: those of a rule that went live on.
Result<std::set<uint32_t>> PinnedTargetTables::used_ids() {
  std::set<uint32_t> ids;
  for (const auto& [flow, id] : ZC_TRY(maps_.match.entries()))
    ids.insert(id);
  for (const api::StreamEntry& entry : ZC_TRY(streams()))
    ids.insert(entry.stream.rule);
  return ids;
}

Status PinnedTargetTables::add_rule(const api::FramedRule& rule) {
  uint32_t id = 0;
  for (const uint32_t used : ZC_TRY(used_ids())) {
    if (used != id) break;
    id++;
  }
  if (id >= maps_.rules.size())
    return failed_error("the rule table is full (" + std::to_string(maps_.rules.size()) + " rules)",
                        "detach rules that are no longer needed");
  maps_.rules[id] = rule.rule;
  maps_.framings[id] = rule.framing;
  maps_.counts[id] = {};
  // Last: with this entry the rule exists, and a kill before it leaves nothing that matters.
  return maps_.match.insert(rule.rule.match, id);
}

// A connection that comes within the nanoseconds of these two copies may get a mixture.
Status PinnedTargetTables::replace_rule(uint32_t id, const api::FramedRule& rule) {
  maps_.framings[id] = rule.framing;
  maps_.rules[id].options = rule.rule.options;
  return ok();
}

// The kernel gives the socket its own functions back. What has been announced of a frame is what
// the application writes next, so that the stream of bytes stays as it was said to be.
Status PinnedTargetTables::remove_rule(uint32_t id, api::Living living) {
  ZC_TRY(maps_.match.erase(maps_.rules[id].match));
  wait_for_running_programs();  // no connection comes under the rule after this
  if (living == api::Living::kStayFramed) return ok();
  for (const api::StreamEntry& entry : ZC_TRY(streams())) {
    if (entry.stream.rule == id) ZC_TRY(maps_.sockets.erase(entry.slot));
  }
  return ok();
}

}  // namespace

Status check_target_layout(const PinDirectory& pins) {
  constexpr size_t kIndex = sizeof(uint32_t);
  constexpr MapLayout kMaps[] = {
      {kPinMeta, kIndex, sizeof(zc_meta)},       {kPinTarget, kIndex, sizeof(zc_target)},
      {"zc_match", sizeof(zc_flow), kIndex},     {"zc_connected", kIndex, sizeof(zc_connected)},
      {"zc_sockhash", kIndex, sizeof(uint64_t)}, {"zc_connections", kIndex, sizeof(zc_connection)},
      {kPinRules, kIndex, sizeof(zc_rule)},      {"zc_framings", kIndex, sizeof(zc_framing)},
      {"zc_counts", kIndex, sizeof(zc_counts)},  {"zc_slots", kIndex, sizeof(zc_stream)},
      {"zc_clocks", kIndex, sizeof(zc_clock)},
  };
  return check_maps(pins, kMaps);
}

Result<std::unique_ptr<api::TargetTables>> open_target_tables(const PinDirectory& pins) {
  const zc_meta meta = ZC_TRY(read_meta(pins));
  const uint32_t slots = meta.max_streams * ZC_SLOTS_PER_STREAM;
  Maps maps{meta,
            ZC_TRY(Matches::open(pins.pin("zc_match"))),
            ZC_TRY(Connected::open(pins.pin("zc_connected"))),
            ZC_TRY(Sockets::open(pins.pin("zc_sockhash"))),
            ZC_TRY(ArrayMap<zc_rule>::open(pins.pin(kPinRules), ZC_MAX_RULES)),
            ZC_TRY(ArrayMap<zc_framing>::open(pins.pin("zc_framings"), ZC_MAX_RULES)),
            ZC_TRY(ArrayMap<zc_counts>::open(pins.pin("zc_counts"), ZC_MAX_RULES)),
            ZC_TRY(ArrayMap<zc_stream>::open(pins.pin("zc_slots"), slots)),
            ZC_TRY(ArrayMap<zc_clock>::open(pins.pin("zc_clocks"), slots))};
  return std::unique_ptr<api::TargetTables>(new PinnedTargetTables(std::move(maps)));
}

Status let_all_go(const PinDirectory& pins) {
  Sockets sockets = ZC_TRY(Sockets::open(pins.pin("zc_sockhash")));
  const Connected connected = ZC_TRY(Connected::open(pins.pin("zc_connected")));
  for (const auto& [slot, whose] : ZC_TRY(connected.entries()))
    ZC_TRY(sockets.erase(slot));
  return ok();
}

Result<zc_target> read_target(const PinDirectory& pins) {
  const Fd fd = ZC_TRY(open_map(pins.pin(kPinTarget), sizeof(uint32_t), sizeof(zc_target)));
  zc_target target{};
  const uint32_t zero = 0;
  if (bpf_map_lookup_elem(fd.get(), &zero, &target) != 0)
    return system_error(errno, "cannot read " + pins.pin(kPinTarget));
  target.path[sizeof(target.path) - 1] = '\0';
  return target;
}

Status write_target(const PinDirectory& pins, const api::Target& target) {
  const Fd fd = ZC_TRY(open_map(pins.pin(kPinTarget), sizeof(uint32_t), sizeof(zc_target)));
  zc_target value{};
  value.kind = target.kind;
  value.id = target.id;
  std::strncpy(value.path, target.path.c_str(), sizeof(value.path) - 1);
  const uint32_t zero = 0;
  if (bpf_map_update_elem(fd.get(), &zero, &value, BPF_ANY) == 0) return ok();
  return system_error(errno, "cannot write " + pins.pin(kPinTarget));
}

}  // namespace zc::kern
