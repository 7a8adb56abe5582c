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

#include "begin_connection.h"
#include "connections.h"
#include "grace.h"
#include "map.h"
#include "meta.h"
#include "shared_word.h"

namespace zc::kern {
namespace {

using Matches = HashMap<zc_flow, uint32_t>;
using Connected = HashMap<uint32_t, zc_connected>;
using Sockets = HashMap<uint32_t, uint64_t>;      // user space reads a socket's cookie
using Connections = HashMap<int, zc_connection>;  // by descriptor of a socket

struct Maps {
  uint32_t kind;  // enum zc_target_kind
  zc_meta meta;
  Matches match;
  Connected connected;
  Sockets sockets;
  Connections connections;
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
  Status take(uint32_t id, const api::Connection& connection) override;
  Status release(const api::Connection& connection) override;

  Status end_closed();
  Result<std::set<uint64_t>> taken();

 private:
  Result<std::vector<api::StreamEntry>> all_streams();
  Result<std::set<uint32_t>> used_ids();
  Result<uint32_t> take_slot();
  Status put_connection(uint32_t slot, uint32_t id, const api::Connection& connection);
  void free_slot(uint32_t slot);

  Maps maps_;
};

Result<std::vector<api::StreamEntry>> PinnedTargetTables::all_streams() {
  std::vector<api::StreamEntry> entries;
  for (const auto& [slot, connected] : ZC_TRY(maps_.connected.entries())) {
    if (slot >= maps_.slots.size()) continue;
    const zc_stream stream = maps_.slots[slot];
    if (stream.state == ZC_SLOT_USED)  // else it is being taken, or has just ended
      entries.push_back({connected.flow, stream, slot, maps_.clocks[slot]});
  }
  return entries;
}

// Of a target of sockets nobody sees a connection end: end_closed finds them.
Result<std::vector<api::StreamEntry>> PinnedTargetTables::streams() {
  std::vector<api::StreamEntry> entries;
  for (const api::StreamEntry& entry : ZC_TRY(all_streams())) {
    if (maps_.kind == ZC_TARGET_CGROUP || ZC_TRY(maps_.sockets.find(entry.slot)))
      entries.push_back(entry);
  }
  return entries;
}

Result<std::vector<api::RuleEntry>> PinnedTargetTables::rules() {
  std::map<uint32_t, uint64_t> stamped;
  for (const api::StreamEntry& entry : ZC_TRY(all_streams()))
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
  for (const api::StreamEntry& entry : ZC_TRY(all_streams()))
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

// Nobody else takes slots of a target of sockets: it has no program that sees connections come.
Result<uint32_t> PinnedTargetTables::take_slot() {
  for (uint32_t slot = 0; slot < maps_.slots.size(); slot++) {
    if (load(maps_.slots[slot].state) != ZC_SLOT_FREE) continue;
    store(maps_.slots[slot].state, __u32{ZC_SLOT_USED});
    return slot;
  }
  return failed_error("the stream table is full", "detach, then attach with --max-streams");
}

void PinnedTargetTables::free_slot(uint32_t slot) {
  zc_stream& stream = maps_.slots[slot];
  store(stream.rule, __u32{ZC_NO_RULE});
  store(stream.state, __u32{ZC_SLOT_FREE});
}

// From the socket's place in the sockmap on it is framed: that comes last.
Status PinnedTargetTables::put_connection(uint32_t slot, uint32_t id,
                                          const api::Connection& connection) {
  const Fd socket = ZC_TRY(open_connection(connection));
  maps_.clocks[slot] = {};
  begin_stream(maps_.slots[slot], id, maps_.rules[id]);
  ZC_TRY(maps_.connected.put(slot, connected_of(connection)));
  ZC_TRY(maps_.connections.put(
      socket.get(),
      begin_connection(slot, id, {maps_.rules[id], maps_.framings[id]}, maps_.slots[slot])));
  Status put = maps_.sockets.insert(slot, static_cast<uint64_t>(socket.get()));
  if (put || put.error().system_errno != EBUSY) return put;
  return unsupported_error(connection.text() +
                           ": its socket is in a sockmap already, of a cgroup's rule or of another "
                           "program (`bpftool map`)");
}

Status PinnedTargetTables::take(uint32_t id, const api::Connection& connection) {
  const uint32_t slot = ZC_TRY(take_slot());
  Status put = put_connection(slot, id, connection);
  if (put) return put;
  (void)maps_.connected.erase(slot);
  free_slot(slot);
  return put;
}

Status PinnedTargetTables::release(const api::Connection& connection) {
  for (const auto& [slot, whose] : ZC_TRY(maps_.connected.entries())) {
    if (ZC_TRY(maps_.sockets.find(slot)) == connection.cookie) ZC_TRY(maps_.sockets.erase(slot));
  }
  return end_closed();
}

Result<std::set<uint64_t>> PinnedTargetTables::taken() {
  std::set<uint64_t> cookies;
  for (const auto& [slot, whose] : ZC_TRY(maps_.connected.entries())) {
    if (const auto cookie = ZC_TRY(maps_.sockets.find(slot))) cookies.insert(*cookie);
  }
  return cookies;
}

Status PinnedTargetTables::end_closed() {
  std::set<uint32_t> living;
  for (const auto& [slot, whose] : ZC_TRY(maps_.connected.entries())) {
    if (slot >= maps_.slots.size()) continue;
    if (ZC_TRY(maps_.sockets.find(slot))) {
      living.insert(slot);
      continue;
    }
    const zc_stream& stream = maps_.slots[slot];
    if (stream.rule < maps_.counts.size())
      maps_.counts[stream.rule].packets[ZC_VERDICT_stamped] += stream.next_seq - stream.first_seq;
    ZC_TRY(maps_.connected.erase(slot));
  }
  for (uint32_t slot = 0; slot < maps_.slots.size(); slot++) {
    if (load(maps_.slots[slot].state) != ZC_SLOT_FREE && !living.contains(slot)) free_slot(slot);
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

namespace {

Result<std::unique_ptr<PinnedTargetTables>> open_pinned(const PinDirectory& pins) {
  const zc_meta meta = ZC_TRY(read_meta(pins));
  const uint32_t slots = meta.max_streams * ZC_SLOTS_PER_STREAM;
  Maps maps{ZC_TRY(read_target(pins)).kind,
            meta,
            ZC_TRY(Matches::open(pins.pin("zc_match"))),
            ZC_TRY(Connected::open(pins.pin("zc_connected"))),
            ZC_TRY(Sockets::open(pins.pin("zc_sockhash"))),
            ZC_TRY(Connections::open(pins.pin("zc_connections"))),
            ZC_TRY(ArrayMap<zc_rule>::open(pins.pin(kPinRules), ZC_MAX_RULES)),
            ZC_TRY(ArrayMap<zc_framing>::open(pins.pin("zc_framings"), ZC_MAX_RULES)),
            ZC_TRY(ArrayMap<zc_counts>::open(pins.pin("zc_counts"), ZC_MAX_RULES)),
            ZC_TRY(ArrayMap<zc_stream>::open(pins.pin("zc_slots"), slots)),
            ZC_TRY(ArrayMap<zc_clock>::open(pins.pin("zc_clocks"), slots))};
  return std::make_unique<PinnedTargetTables>(std::move(maps));
}

}  // namespace

Result<std::unique_ptr<api::TargetTables>> open_target_tables(const PinDirectory& pins) {
  return std::unique_ptr<api::TargetTables>(ZC_TRY(open_pinned(pins)));
}

Status end_closed(const PinDirectory& pins) {
  const auto tables = ZC_TRY(open_pinned(pins));
  return tables->end_closed();
}

Result<std::set<uint64_t>> taken_sockets(const PinDirectory& pins) {
  const auto tables = ZC_TRY(open_pinned(pins));
  return tables->taken();
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
