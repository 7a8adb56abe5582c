// SPDX-License-Identifier: GPL-2.0-only
#include "agent_tables.h"

#include "map.h"
#include "meta.h"
#include "monotonic.h"

namespace zc::kern {
namespace {

using Flows = HashMap<zc_flow, uint32_t>;
using Receivers = HashMap<zc_receiver_key, zc_receiver>;

class PinnedAgentTables final : public api::AgentTables {
 public:
  PinnedAgentTables(const zc_meta& meta, Flows match, Flows streams, Receivers receivers,
                    ArrayMap<zc_rule> rules, ArrayMap<zc_stream> slots)
      : meta_(meta),
        match_(std::move(match)),
        streams_(std::move(streams)),
        receivers_(std::move(receivers)),
        rules_(std::move(rules)),
        slots_(std::move(slots)) {}

  zc_meta meta() const override { return meta_; }
  Result<std::vector<std::pair<uint32_t, zc_rule>>> rules() override;
  Result<std::vector<api::StreamPlace>> streams() override;
  zc_stream stream(uint32_t slot) const override;
  Result<std::vector<api::ReceiverEntry>> receivers() override { return receivers_.entries(); }
  Status put_receiver(const zc_receiver_key& key, const zc_receiver& value) override {
    return receivers_.put(key, value);
  }
  Status remove_receiver(const zc_receiver_key& key) override { return receivers_.erase(key); }

 private:
  zc_meta meta_;
  Flows match_, streams_;
  Receivers receivers_;
  ArrayMap<zc_rule> rules_;
  mutable ArrayMap<zc_stream> slots_;
};

Result<std::vector<std::pair<uint32_t, zc_rule>>> PinnedAgentTables::rules() {
  std::vector<std::pair<uint32_t, zc_rule>> found;
  for (const auto& [flow, id] : ZC_TRY(match_.entries()))
    if (id < rules_.size()) found.emplace_back(id, rules_[id]);
  return found;
}

Result<std::vector<api::StreamPlace>> PinnedAgentTables::streams() {
  std::vector<api::StreamPlace> found;
  for (const auto& [flow, slot] : ZC_TRY(streams_.entries()))
    if (slot < slots_.size()) found.push_back({flow, slot});
  return found;
}

// Word by word: `mapping` must be of one packet.
zc_stream PinnedAgentTables::stream(uint32_t slot) const {
  using Word [[gnu::may_alias]] = __u64;
  zc_stream copy{};
  if (slot >= slots_.size()) return copy;
  const Word* const from = reinterpret_cast<const Word*>(&slots_[slot]);
  Word* const to = reinterpret_cast<Word*>(&copy);
  for (size_t i = 0; i < sizeof(copy) / sizeof(Word); i++)
    to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
  return copy;
}

}  // namespace

Result<std::unique_ptr<api::AgentTables>> open_agent_tables(const PinDirectory& pins) {
  const zc_meta meta = ZC_TRY(read_meta(pins));
  return std::unique_ptr<api::AgentTables>(std::make_unique<PinnedAgentTables>(
      meta, ZC_TRY(Flows::open(pins.pin("zc_match"))), ZC_TRY(Flows::open(pins.pin("zc_streams"))),
      ZC_TRY(Receivers::open(pins.pin(kPinReceivers))),
      ZC_TRY(ArrayMap<zc_rule>::open(pins.pin("zc_rules"), ZC_MAX_RULES)),
      ZC_TRY(ArrayMap<zc_stream>::open(pins.pin("zc_slots"),
                                       meta.max_streams * ZC_SLOTS_PER_STREAM))));
}

Result<std::vector<api::ReceiverStatus>> read_receivers(const PinDirectory& pins) {
  const uint64_t now_ns = monotonic_ns();
  const Receivers table = ZC_TRY(Receivers::open(pins.pin(kPinReceivers)));
  std::vector<api::ReceiverStatus> found;
  for (const auto& [key, value] : ZC_TRY(table.entries()))
    found.push_back(
        {key, value, now_ns > value.heard_ns ? (now_ns - value.heard_ns) / 1'000'000 : 0});
  return found;
}

}  // namespace zc::kern
