// SPDX-License-Identifier: GPL-2.0-only
// How a stream ends without harm to a packet that comes at the same moment:
//   1. its flow is removed: what comes from here on has a new stream;
//   2. its slot is marked as leaving: pieces whose note names it go the usual way, and no source
//      takes it over any more;
//   3. a grace period: programs that had found it before have ended, its numbers are final;
//   4. what it had sent is counted for its rule, and its slot is free.
// Who is killed in between leaves a slot that leads nowhere, for which free_lost looks.
#include "stream_table.h"

#include <utility>

#include "grace.h"
#include "shared_word.h"

namespace zc::kern {
namespace {

// False where it is in another state by now.
bool change_state(zc_stream& stream, zc_slot_state from, zc_slot_state to) {
  __u32 expected = from;
  return __atomic_compare_exchange_n(&stream.state, &expected, __u32{to}, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST);
}

}  // namespace

Result<StreamTable> StreamTable::open(const PinDirectory& pins, uint32_t max_streams) {
  Flows flows = ZC_TRY(Flows::open(pins.pin("zc_streams")));
  auto slots =
      ZC_TRY(ArrayMap<zc_stream>::open(pins.pin("zc_slots"), max_streams * ZC_SLOTS_PER_STREAM));
  std::optional<Continued> continued;
  if (pins.has(kPinContinued)) continued = ZC_TRY(Continued::open(pins.pin(kPinContinued)));
  return StreamTable(std::move(flows), std::move(slots), std::move(continued));
}

Result<std::map<uint32_t, zc_continued>> StreamTable::continued() const {
  std::map<uint32_t, zc_continued> by_rule;
  if (!continued_) return by_rule;
  for (const auto& [rule, value] : ZC_TRY(continued_->entries()))
    by_rule[rule] = value;
  return by_rule;
}

bool StreamTable::is_stream_of(uint32_t slot, uint32_t rule) {
  return slot < slots_.size() && load(slots_[slot].state) == ZC_SLOT_USED &&
         load(slots_[slot].rule) == rule;
}

// While one source takes a stream over from another, neither flow may lead to it for a moment, and
// a snapshot may have both.
Result<std::vector<api::StreamEntry>> StreamTable::list() {
  std::vector<api::StreamEntry> entries;
  std::map<uint32_t, zc_flow> senders;
  for (const auto& [rule, value] : ZC_TRY(continued())) {
    if (value.flow.family != 0 && is_stream_of(value.slot, rule)) senders[value.slot] = value.flow;
  }
  for (const auto& [flow, slot] : ZC_TRY(flows_.entries())) {
    if (slot < slots_.size() && !senders.contains(slot))
      entries.push_back({flow, slots_[slot], slot, {}});
  }
  for (const auto& [slot, flow] : senders)
    entries.push_back({flow, slots_[slot], slot, {}});
  return entries;
}

Result<std::vector<bool>> StreamTable::slots_led_to() const {
  std::vector<bool> led_to(slots_.size());
  for (const auto& [flow, slot] : ZC_TRY(flows_.entries())) {
    if (slot < led_to.size()) led_to[slot] = true;
  }
  return led_to;
}

Status StreamTable::end(const Choice& chosen, Woken woken, const Count& count) {
  std::map<uint32_t, Leaving> leaving;
  std::vector<zc_flow> flows;
  for (const api::StreamEntry& entry : ZC_TRY(list())) {
    if (!chosen(entry)) continue;
    leaving[entry.slot] = {entry.flow, entry.stream.next_seq};
    flows.push_back(entry.flow);
  }
  if (leaving.empty()) return ok();
  ZC_TRY(flows_.erase_all(flows));
  for (const auto& [slot, before] : leaving)
    change_state(slots_[slot], ZC_SLOT_USED, ZC_SLOT_LEAVING);
  wait_for_running_programs();
  const std::vector<bool> taken_over = ZC_TRY(slots_led_to());
  for (const auto& [slot, before] : leaving) {
    if (taken_over[slot])  // by another source, just before it was marked
      change_state(slots_[slot], ZC_SLOT_LEAVING, ZC_SLOT_USED);
    else if (!goes_on(slot, before, woken))
      free(slot, count);
  }
  return ok();
}

// A packet came between the look and the removal: it goes on where it was, unless another stream
// has begun in its place.
bool StreamTable::goes_on(uint32_t slot, const Leaving& before, Woken woken) {
  zc_stream& stream = slots_[slot];
  if (woken == Woken::kEnds || load(stream.next_seq) == before.next_seq) return false;
  if (continued_) {
    const auto now = continued_->find(stream.rule);
    if (now && *now && (*now)->slot != slot) return false;
  }
  if (!change_state(stream, ZC_SLOT_LEAVING, ZC_SLOT_USED)) return false;
  if (flows_.insert(before.flow, slot)) return true;
  change_state(stream, ZC_SLOT_USED, ZC_SLOT_LEAVING);
  wait_for_running_programs();  // a piece may have believed it
  return false;
}

// Counted first: who is killed between the two leaves a stream that is counted twice for a moment,
// and not one that never was.
void StreamTable::free(uint32_t slot, const Count& count) {
  zc_stream& stream = slots_[slot];
  const uint64_t packets = load(stream.next_seq) - stream.first_seq;
  count(stream.rule, packets);
  store(stream.first_seq, load(stream.next_seq));
  store(stream.rule, __u32{ZC_NO_RULE});
  store(stream.state, __u32{ZC_SLOT_FREE});
}

Result<std::map<uint32_t, uint64_t>> StreamTable::unreferenced() {
  std::vector<bool> led_to = ZC_TRY(slots_led_to());
  for (const auto& [rule, value] : ZC_TRY(continued())) {
    if (is_stream_of(value.slot, rule)) led_to[value.slot] = true;
  }
  std::map<uint32_t, uint64_t> slots;
  for (uint32_t i = 0; i < slots_.size(); i++) {
    if (load(slots_[i].state) == ZC_SLOT_FREE) continue;
    if (!led_to[i]) slots[i] = load(slots_[i].last_ns);
    // A kill left it marked, and a source had just taken it over.
    else
      change_state(slots_[i], ZC_SLOT_LEAVING, ZC_SLOT_USED);
  }
  return slots;
}

// A slot that is taken, leads nowhere, and did not change over a grace period: no program is just
// making a stream in it.
Status StreamTable::free_lost(const Count& count) {
  const std::map<uint32_t, uint64_t> before = ZC_TRY(unreferenced());
  if (before.empty()) return ok();
  wait_for_running_programs();
  std::vector<uint32_t> lost;
  for (const auto& [slot, last_ns] : ZC_TRY(unreferenced())) {
    const auto seen = before.find(slot);
    if (seen != before.end() && seen->second == last_ns) lost.push_back(slot);
  }
  if (lost.empty()) return ok();
  for (const uint32_t slot : lost)
    change_state(slots_[slot], ZC_SLOT_USED, ZC_SLOT_LEAVING);
  wait_for_running_programs();
  for (const uint32_t slot : lost)
    free(slot, count);
  return ok();
}

Status StreamTable::begin_continuing(uint32_t rule) {
  if (ZC_TRY(continued_->find(rule))) return ok();
  zc_continued value{};
  value.slot = ZC_NO_SLOT;
  uint64_t newest = 0;
  for (const auto& [flow, slot] : ZC_TRY(flows_.entries())) {
    if (slot >= slots_.size() || slots_[slot].rule != rule) continue;
    if (value.slot != ZC_NO_SLOT && load(slots_[slot].last_ns) <= newest) continue;
    newest = load(slots_[slot].last_ns);
    value.slot = slot;
    value.flow = flow;
  }
  return continued_->put(rule, value);
}

Status StreamTable::end_others(uint32_t rule, const Count& count) {
  const auto value = ZC_TRY(continued_->find(rule));
  if (!value) return ok();
  const auto is_other = [&](const api::StreamEntry& entry) {
    return entry.stream.rule == rule && entry.slot != value->slot;
  };
  return end(is_other, Woken::kEnds, count);
}

Status StreamTable::stop_continuing(uint32_t rule) {
  return continued_ ? continued_->erase(rule) : ok();
}

}  // namespace zc::kern
