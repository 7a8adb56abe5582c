// SPDX-License-Identifier: GPL-2.0-only
#include "tables.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "grace.h"
#include "meta.h"
#include "monotonic.h"
#include "old_layout.h"
#include "rebase.h"
#include "rule_table.h"
#include "shared_word.h"
#include "sockets.h"
#include "stream_table.h"

namespace zc::kern {
namespace {

// Writes options that packets are being stamped by, whatever options there are: in whole words, so
// that the program never reads half of one, and from the last one to the first, which is `how`: on
// x86 whoever sees the new `how`, its flags in it, sees all that it speaks of. Elsewhere a packet
// may meet a mixture for a moment: the program reads them without barriers.
void publish(zc_options& options, const zc_options& wanted) {
  using Word [[gnu::may_alias]] = __u64;
  static_assert(sizeof(zc_options) % sizeof(Word) == 0 && offsetof(zc_options, how) == 0);
  const Word* const from = reinterpret_cast<const Word*>(&wanted);
  Word* const to = reinterpret_cast<Word*>(&options);
  for (size_t i = sizeof(zc_options) / sizeof(Word); i-- > 0;)
    __atomic_store_n(&to[i], from[i], __ATOMIC_RELEASE);
}

constexpr uint64_t kNsPerSecond = 1'000'000'000;

bool is_continued(const zc_rule& rule) {
  return (rule.options.how.flags & ZC_RULE_CONTINUE) != 0;
}

using SocketNotes = HashMap<zc_socket, zc_socket_note>;

// Gives sockets their old segment size back: those of one rule, or all.
Status restore_sockets(SocketNotes& notes, std::optional<uint32_t> rule) {
  for (const auto& [socket, note] : ZC_TRY(notes.entries())) {
    if (rule && note.rule != *rule) continue;
    ZC_TRY(restore_segment(socket.cookie, note));
    ZC_TRY(notes.erase(socket));
  }
  return ok();
}

class PinnedTables final : public api::WritableTables {
 public:
  PinnedTables(zc_meta meta, HashMap<zc_flow, uint32_t> match, StreamTable streams,
               SocketNotes sockets, ArrayMap<zc_filter> filter, RuleTable rules,
               ArrayMap<zc_counts> counts, std::optional<ArrayMap<zc_clock>> clocks)
      : meta_(meta),
        match_(std::move(match)),
        streams_(std::move(streams)),
        sockets_(std::move(sockets)),
        filter_(std::move(filter)),
        rules_(std::move(rules)),
        counts_(std::move(counts)),
        clocks_(std::move(clocks)) {}

  zc_meta meta() const override { return meta_; }
  Result<std::vector<api::RuleEntry>> rules() override;
  Result<std::vector<api::StreamEntry>> streams() override;
  Status add_rule(const zc_rule& rule) override;
  Status replace_rule(uint32_t id, const zc_rule& rule) override;
  Status remove_rule(uint32_t id) override;
  Status remember_socket(uint32_t rule_id, const api::ForeignSocket& socket,
                         uint32_t new_segment) override;

  Status repair();

 private:
  void set_filter_bit(const zc_flow& match);
  Status change_clock(uint32_t id, const zc_options& wanted);
  void change_clock_of(uint32_t slot, const zc_options& wanted);
  Status rebuild_filter();
  Status put_streams_right();
  Status end_idle_streams();
  StreamTable::Count count_for(const std::set<uint32_t>& living);
  Result<std::set<uint32_t>> rule_ids();

  std::optional<std::set<uint32_t>> used_ids_;  // read once: the lock keeps others out
  zc_meta meta_;
  HashMap<zc_flow, uint32_t> match_;
  StreamTable streams_;
  SocketNotes sockets_;
  ArrayMap<zc_filter> filter_;
  RuleTable rules_;
  ArrayMap<zc_counts> counts_;
  std::optional<ArrayMap<zc_clock>> clocks_;  // older layouts have none
};

Result<std::set<uint32_t>> PinnedTables::rule_ids() {
  std::set<uint32_t> ids;
  for (const auto& [flow, id] : ZC_TRY(match_.entries()))
    ids.insert(id);
  return ids;
}

Result<std::vector<api::RuleEntry>> PinnedTables::rules() {
  std::map<uint32_t, uint64_t> stamped;
  for (const api::StreamEntry& entry : ZC_TRY(streams_.list()))
    stamped[entry.stream.rule] += entry.stream.next_seq - entry.stream.first_seq;
  std::map<uint32_t, zc_continued> continued = ZC_TRY(streams_.continued());
  std::vector<api::RuleEntry> entries;
  for (const auto& [flow, id] : ZC_TRY(match_.entries())) {
    if (id >= rules_.size()) continue;
    api::RuleEntry entry{id, rules_.at(id), counts_[id], continued[id]};
    entry.counts.packets[ZC_VERDICT_stamped] += stamped[id];
    entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end(), [](auto& a, auto& b) { return a.id < b.id; });
  return entries;
}

Result<std::vector<api::StreamEntry>> PinnedTables::streams() {
  std::vector<api::StreamEntry> entries = ZC_TRY(streams_.list());
  if (!clocks_) return entries;
  for (api::StreamEntry& entry : entries)
    entry.clock = (*clocks_)[entry.slot];
  return entries;
}

void PinnedTables::set_filter_bit(const zc_flow& match) {
  const uint32_t bit = zc_filter_bit(match.daddr, match.dport);
  __atomic_fetch_or(&filter_[0].words[bit / 64], 1ULL << (bit % 64), __ATOMIC_RELEASE);
}

// Bits go only when no rule is left that wants them. None that is wanted is ever cleared.
Status PinnedTables::rebuild_filter() {
  std::vector<uint64_t> wanted(ZC_FILTER_WORDS);
  for (const auto& [flow, id] : ZC_TRY(match_.entries())) {
    const uint32_t bit = zc_filter_bit(flow.daddr, flow.dport);
    wanted[bit / 64] |= 1ULL << (bit % 64);
  }
  for (uint32_t i = 0; i < ZC_FILTER_WORDS; i++) {
    if (filter_[0].words[i] != wanted[i]) store(filter_[0].words[i], __u64{wanted[i]});
  }
  return ok();
}

Status PinnedTables::add_rule(const zc_rule& rule) {
  if (!used_ids_) used_ids_ = ZC_TRY(rule_ids());
  uint32_t id = 0;
  for (auto used = used_ids_->begin(); used != used_ids_->end() && *used == id; ++used)
    id++;
  if (id >= rules_.size()) {
    return failed_error("the rule table is full (" + std::to_string(rules_.size()) + " rules)",
                        "detach rules that are no longer needed");
  }
  rules_[id] = rule;
  counts_[id] = {};
  set_filter_bit(rule.match);
  ZC_TRY(streams_.stop_continuing(id));  // of the rule that had the number before
  if (is_continued(rule)) ZC_TRY(streams_.begin_continuing(id));
  // Last: with this entry the rule exists, and a kill before it leaves nothing that matters.
  ZC_TRY(match_.insert(rule.match, id));
  used_ids_->insert(id);
  return ok();
}

// Another clock must not make the timestamps of living streams jump: at this moment both clocks say
// the same. A packet that is stamped within the few microseconds this takes may be off.
Status PinnedTables::change_clock(uint32_t id, const zc_options& wanted) {
  for (const api::StreamEntry& entry : ZC_TRY(streams_.list())) {
    if (entry.stream.rule == id) change_clock_of(entry.slot, wanted);
  }
  return ok();
}

void PinnedTables::change_clock_of(uint32_t slot, const zc_options& wanted) {
  zc_stream& stream = streams_.at(slot);
  if (clocks_) {  // finds its PCRs anew
    store((*clocks_)[slot].at_byte, load(stream.octets));
    store((*clocks_)[slot].flags, __u8{0});
  }
  const zc_stream seen = stream;
  store(stream.ts_base, __u32{rebase(seen, rules_[seen.rule].options, wanted, monotonic_ns())});
  store(stream.epoch, static_cast<__u16>(stream.epoch + 1));
}

// Says whether both stamp alike: the same clock, which follows the same.
bool same_clock(const zc_options& one, const zc_options& other) {
  return one.how.timestamp == other.how.timestamp && one.ticks_q64 == other.ticks_q64 &&
         one.ticks_whole == other.ticks_whole && one.pcr_pid == other.pcr_pid &&
         one.how.payload_header_bytes == other.how.payload_header_bytes;
}

Status PinnedTables::replace_rule(uint32_t id, const zc_rule& rule) {
  zc_options& options = rules_[id].options;
  if (!same_clock(options, rule.options)) ZC_TRY(change_clock(id, rule.options));
  if (is_continued(rule)) ZC_TRY(streams_.begin_continuing(id));
  const bool changes = is_continued(rules_.at(id)) != is_continued(rule);
  publish(options, rule.options);
  if (!changes) return ok();
  wait_for_running_programs();  // that have seen the old options
  if (!is_continued(rule)) return streams_.stop_continuing(id);
  return streams_.end_others(id, count_for({id}));
}

Status PinnedTables::remember_socket(uint32_t rule_id, const api::ForeignSocket& socket,
                                     uint32_t new_segment) {
  zc_socket_note note{};
  note.inode = socket.inode;
  note.rule = rule_id;
  note.pid = socket.pid;
  note.old_segment = static_cast<uint16_t>(socket.segment_bytes);
  note.new_segment = note.last_segment = static_cast<uint16_t>(new_segment);
  // Changed a second time: what was there before the first time goes back. What the app has set
  // meanwhile is its own.
  const auto before = ZC_TRY(sockets_.find({socket.cookie}));
  if (before && is_ours(*before, socket.segment_bytes)) {
    note.old_segment = before->old_segment;
    note.last_segment = static_cast<uint16_t>(socket.segment_bytes);
  }
  return sockets_.put({socket.cookie}, note);
}

Status PinnedTables::remove_rule(uint32_t id) {
  used_ids_.reset();
  // First, while its packets are still ours: what it sends in one call now must not leave bare.
  ZC_TRY(restore_sockets(sockets_, id));
  ZC_TRY(match_.erase(rules_[id].match));
  ZC_TRY(rebuild_filter());
  wait_for_running_programs();  // no stream of the rule is born after this
  return put_streams_right();
}

// What they had sent is the rule's for ever; of a rule that is gone nobody asks.
StreamTable::Count PinnedTables::count_for(const std::set<uint32_t>& living) {
  return [this, living](uint32_t rule, uint64_t packets) {
    if (living.contains(rule))
      __atomic_fetch_add(&counts_[rule].packets[ZC_VERDICT_stamped], packets, __ATOMIC_RELAXED);
  };
}

// Streams whose rule is gone end, and what a killed zcctl left of others.
Status PinnedTables::put_streams_right() {
  const std::set<uint32_t> living = ZC_TRY(rule_ids());
  const StreamTable::Count count = count_for(living);
  for (const auto& [rule, value] : ZC_TRY(streams_.continued())) {
    if (!living.contains(rule) || !is_continued(rules_.at(rule)))
      ZC_TRY(streams_.stop_continuing(rule));
  }
  std::map<uint32_t, uint32_t> streams_of;  // of rules that have one at most
  const auto is_orphan = [&](const api::StreamEntry& entry) {
    const uint32_t rule = entry.stream.rule;
    if (!living.contains(rule)) return true;
    if (is_continued(rules_.at(rule))) streams_of[rule]++;
    return false;
  };
  ZC_TRY(streams_.end(is_orphan, StreamTable::Woken::kEnds, count));
  for (const auto& [rule, streams] : streams_of) {
    if (streams > 1) ZC_TRY(streams_.end_others(rule, count));
  }
  return streams_.free_lost(count);
}

Status PinnedTables::end_idle_streams() {
  const std::set<uint32_t> living = ZC_TRY(rule_ids());
  const uint64_t now_ns = monotonic_ns();
  const auto is_idle = [&](const api::StreamEntry& entry) {
    const uint32_t rule = entry.stream.rule;
    const uint64_t idle_s = living.contains(rule) ? rules_.at(rule).options.idle_s : 0;
    return idle_s != 0 && now_ns > entry.stream.last_ns + idle_s * kNsPerSecond;
  };
  return streams_.end(is_idle, StreamTable::Woken::kGoesOn, count_for(living));
}

Status PinnedTables::repair() {
  ZC_TRY(rebuild_filter());
  ZC_TRY(put_streams_right());
  return end_idle_streams();
}

Result<std::unique_ptr<PinnedTables>> open_pinned(const PinDirectory& pins) {
  using Flows = HashMap<zc_flow, uint32_t>;
  const zc_meta meta = ZC_TRY(read_meta(pins));
  std::optional<ArrayMap<zc_clock>> clocks;
  if (!has_short_rules(meta.version))
    clocks.emplace(ZC_TRY(
        ArrayMap<zc_clock>::open(pins.pin("zc_clocks"), meta.max_streams * ZC_SLOTS_PER_STREAM)));
  return std::make_unique<PinnedTables>(
      meta, ZC_TRY(Flows::open(pins.pin("zc_match"))),
      ZC_TRY(StreamTable::open(pins, meta.max_streams)),
      ZC_TRY(SocketNotes::open(pins.pin(kPinSockets))),
      ZC_TRY(ArrayMap<zc_filter>::open(pins.pin("zc_filter"), 1)),
      ZC_TRY(RuleTable::open(pins.pin(kPinRules), meta.version)),
      ZC_TRY(ArrayMap<zc_counts>::open(pins.pin("zc_counts"), ZC_MAX_RULES)), std::move(clocks));
}

}  // namespace

Status restore_all_sockets(const PinDirectory& pins) {
  auto notes = SocketNotes::open(pins.pin(kPinSockets));
  return notes ? restore_sockets(*notes, std::nullopt) : ok();  // half made: nothing is noted
}

Status check_layout(const PinDirectory& pins) {
  constexpr size_t kIndex = sizeof(uint32_t);
  const bool older = has_short_rules(ZC_TRY(read_meta_head(pins)).version);
  std::vector<MapLayout> maps = {
      {kPinMeta, kIndex, older ? size_t{kShortMetaBytes} : sizeof(zc_meta)},
      {"zc_match", sizeof(zc_flow), kIndex},
      {"zc_streams", sizeof(zc_flow), kIndex},
      {kPinSockets, sizeof(zc_socket), sizeof(zc_socket_note)},
      {"zc_filter", kIndex, sizeof(zc_filter)},
      {kPinRules, kIndex, older ? sizeof(ShortRule) : sizeof(zc_rule)},
      {"zc_counts", kIndex, sizeof(zc_counts)},
      {"zc_slots", kIndex, sizeof(zc_stream)},
  };
  if (!older) {
    maps.push_back({"zc_clocks", kIndex, sizeof(zc_clock)});
    maps.push_back({kPinContinued, kIndex, sizeof(zc_continued)});
    maps.push_back({kPinReceivers, sizeof(zc_receiver_key), sizeof(zc_receiver)});
    maps.push_back({"zc_paces", kIndex, sizeof(zc_waiting)});
  }
  return check_maps(pins, maps);
}

Result<std::unique_ptr<api::WritableTables>> open_tables(const PinDirectory& pins) {
  return std::unique_ptr<api::WritableTables>(ZC_TRY(open_pinned(pins)));
}

Result<std::unique_ptr<api::WritableTables>> open_for_change(const PinDirectory& pins) {
  auto tables = ZC_TRY(open_pinned(pins));
  ZC_TRY(tables->repair());
  return std::unique_ptr<api::WritableTables>(std::move(tables));
}

}  // namespace zc::kern
