// SPDX-License-Identifier: GPL-2.0-only
#include "fake_session.h"

#include <gtest/gtest.h>

#include <cstring>

namespace zc {
namespace {

class FakeTables final : public api::WritableTables {
 public:
  FakeTables(FakeHost& host, uint32_t ifindex) : host_(host), ifindex_(ifindex) {}

  zc_meta meta() const override { return host_.pins[ifindex_].meta; }

  Result<std::vector<api::RuleEntry>> rules() override {
    if (auto error = host_.call("rules")) return *error;
    std::vector<api::RuleEntry> entries;
    for (const auto& [id, rule] : pins().rules)
      entries.push_back({id, rule, pins().counts});
    return entries;
  }
  Result<std::vector<api::StreamEntry>> streams() override {
    if (auto error = host_.call("streams")) return *error;
    return pins().streams;
  }
  Status add_rule(const zc_rule& rule) override {
    if (auto error = host_.call("add_rule")) return *error;
    uint32_t id = 0;
    while (pins().rules.contains(id))
      id++;
    pins().rules[id] = rule;
    return ok();
  }
  Status replace_rule(uint32_t id, const zc_rule& rule) override {
    if (auto error = host_.call("replace_rule")) return *error;
    EXPECT_TRUE(pins().rules.contains(id));
    pins().rules[id] = rule;
    return ok();
  }
  Status remove_rule(uint32_t id) override {
    if (auto error = host_.call("remove_rule")) return *error;
    EXPECT_EQ(pins().rules.erase(id), 1U);
    return ok();
  }
  Status remember_socket(uint32_t rule_id, const api::ForeignSocket& socket, uint32_t) override {
    if (auto error = host_.call("remember_socket")) return *error;
    EXPECT_TRUE(pins().rules.contains(rule_id));
    pins().remembered.emplace(socket.cookie, socket.segment_bytes);
    return ok();
  }

 private:
  FakePins& pins() { return host_.pins[ifindex_]; }
  FakeHost& host_;
  uint32_t ifindex_;
};

}  // namespace

FakeSession::FakeSession(FakeHost& host, bool locks) : host_(host), targets_(host), locks_(locks) {
  EXPECT_TRUE(!locks_ || host_.locks_ == 0) << "two locks would wait for each other";
  host_.locks_ += locks_ ? 1 : 0;
}

FakeSession::~FakeSession() {
  host_.locks_ -= locks_ ? 1 : 0;
}

Result<std::vector<api::PinnedDevice>> FakeSession::pinned() {
  using State = api::PinnedDevice::State;
  if (auto error = host_.call("pinned")) return *error;
  std::vector<api::PinnedDevice> found;
  for (const auto& [ifindex, there] : host_.pins) {
    api::PinnedDevice entry{there.here ? 1U : 9U, ifindex, there.here, State::kLive, ""};
    if (there.other_version) {
      entry.state = State::kOtherVersion;
      entry.why = "its pins have layout 9, this zcctl knows layout 1";
    } else if (there.damaged) {
      entry.state = State::kDamaged;
      entry.why = "zc_rules is missing";
    } else if (there.device_gone) {
      entry.state = State::kLeftover;
      entry.why = "its device is gone";
    } else if (there.complete && there.taken_off) {
      entry.state = State::kDetached;
      entry.why = "its program is not attached";
    } else if (!there.attached || !there.complete) {
      entry.state = State::kLeftover;
      entry.why = "it was left half done";
    } else if (there.older) {
      entry.state = State::kOlder;
      entry.why = "its pins have layout 0, this zcctl knows layout 1";
    }
    found.push_back(entry);
  }
  return found;
}

Result<std::unique_ptr<api::Tables>> FakeSession::read(const api::PinnedDevice& which) {
  if (auto error = host_.call("read_tables")) return *error;
  EXPECT_TRUE(host_.pins.contains(which.ifindex));
  EXPECT_FALSE(host_.pins[which.ifindex].other_version) << "another version's tables are not ours";
  return std::unique_ptr<api::Tables>(new FakeTables(host_, which.ifindex));
}

Status FakeSession::take_over(const api::PinnedDevice& which) {
  if (auto error = host_.call("take_over")) return *error;
  EXPECT_TRUE(host_.pins.at(which.ifindex).older) << "there is nothing to take over";
  host_.pins.at(which.ifindex).older = false;
  return ok();
}

Result<std::unique_ptr<api::WritableTables>> FakeSession::open(const api::PinnedDevice& which) {
  if (auto error = host_.call("open")) return *error;
  EXPECT_FALSE(host_.pins[which.ifindex].older) << "taken over first, then changed";
  EXPECT_TRUE(host_.pins.contains(which.ifindex));
  EXPECT_FALSE(host_.pins[which.ifindex].other_version) << "another version's tables are not ours";
  host_.repairs++;
  return std::unique_ptr<api::WritableTables>(new FakeTables(host_, which.ifindex));
}

Result<std::unique_ptr<api::WritableTables>> FakeSession::create(
    const api::Device& device, const api::CreateOptions& options) {
  FakePins there;
  const auto error = host_.call("create");
  EXPECT_FALSE(host_.pins.contains(device.ifindex)) << "what was there is removed first";
  there.complete = !error;  // half of the pins are what a failure may leave
  there.meta.hook = options.hook;
  there.meta.max_streams = options.max_streams;
  there.meta.ifindex = device.ifindex;
  std::strncpy(there.meta.dev, device.name.c_str(), sizeof(there.meta.dev) - 1);
  host_.pins[device.ifindex] = there;
  if (error) return *error;
  return std::unique_ptr<api::WritableTables>(new FakeTables(host_, device.ifindex));
}

Status FakeSession::attach(const api::Device& device) {
  if (auto error = host_.call("attach")) return *error;
  EXPECT_FALSE(host_.pins.at(device.ifindex).rules.empty())
      << "a program without rules sees packets";
  host_.pins.at(device.ifindex).attached = true;
  host_.pins.at(device.ifindex).taken_off = false;
  return ok();
}

Result<std::vector<api::ReceiverStatus>> FakeSession::receivers(const api::PinnedDevice& which) {
  if (auto error = host_.call("receivers")) return *error;
  return host_.pins.at(which.ifindex).receivers;
}

Result<uint32_t> FakeSession::working_stage(uint32_t ifindex) {
  if (auto error = host_.call("working_stage")) return *error;
  return host_.stages.contains(ifindex) ? FakeHost::kStageOffset + ifindex : 0U;
}

Status FakeSession::make_stage(const api::Device& device) {
  if (auto error = host_.call("make_stage")) return *error;
  host_.stages.insert(device.ifindex);
  host_.pins.at(device.ifindex).meta.stage = FakeHost::kStageOffset + device.ifindex;
  return ok();
}

Result<std::optional<api::PaceQueue>> FakeSession::pace_queue(uint32_t ifindex) {
  if (auto error = host_.call("pace_queue")) return *error;
  const auto found = host_.paces.find(ifindex);
  return found == host_.paces.end() ? std::nullopt : std::optional(found->second);
}

Result<zc_pace_kind> FakeSession::make_pace(const api::Device& device) {
  const auto error = host_.call("make_pace");
  api::PaceQueue queue;
  queue.ifindex = FakeHost::kPaceOffset + device.ifindex;
  queue.kind = host_.pace_kind.value_or(ZC_PACE_KIND_HTB);
  queue.works = !error;
  host_.paces[device.ifindex] = queue;
  if (error) return *error;
  host_.pins.at(device.ifindex).meta.pace = queue.ifindex;
  host_.pins.at(device.ifindex).meta.pace_kind = queue.kind;
  return queue.kind;
}

Status FakeSession::set_rate(uint32_t ifindex, uint32_t rule_id, const zc_rule& rule) {
  if (auto error = host_.call("set_rate")) return *error;
  api::PaceQueue& queue = host_.paces.at(ifindex);
  if (queue.kind != ZC_PACE_KIND_HTB) return ok();
  std::erase_if(queue.classes, [&](auto& each) { return each.rule == rule_id; });
  queue.classes.push_back({rule_id, rule.options.rate_bps, {}});
  return ok();
}

Status FakeSession::trim_pace(const api::PinnedDevice& which, const std::set<uint32_t>& rules) {
  if (auto error = host_.call("trim_pace")) return *error;
  const auto found = host_.paces.find(which.ifindex);
  if (found == host_.paces.end()) return ok();
  std::erase_if(found->second.classes, [&](auto& each) { return !rules.contains(each.rule); });
  if (!rules.empty()) return ok();
  host_.paces.erase(found);
  host_.pins.at(which.ifindex).meta.pace = 0;
  return ok();
}

Result<std::vector<api::HookEntry>> FakeSession::egress_chain(uint32_t ifindex) {
  if (auto error = host_.call("egress_chain")) return *error;
  return host_.chains[ifindex];
}

Result<std::vector<uint32_t>> FakeSession::stacked(uint32_t ifindex) {
  if (auto error = host_.call("stacked")) return *error;
  return host_.stacks[ifindex];
}

Result<std::vector<uint32_t>> FakeSession::stray_stages() {
  if (auto error = host_.call("stray_stages")) return *error;
  std::vector<uint32_t> strays;
  std::set<uint32_t> devices = host_.stages;
  for (const auto& [ifindex, queue] : host_.paces)
    devices.insert(ifindex);
  for (const uint32_t ifindex : devices) {
    if (!host_.pins.contains(ifindex)) strays.push_back(ifindex);
  }
  return strays;
}

Status FakeSession::remove_stage(uint32_t ifindex) {
  if (auto error = host_.call("remove_stage")) return *error;
  EXPECT_EQ(host_.stages.erase(ifindex) + host_.paces.erase(ifindex) > 0, true);
  return ok();
}

Status FakeSession::set_segment(const api::ForeignSocket& which, uint32_t bytes) {
  if (auto error = host_.call("set_segment")) return *error;
  for (api::ForeignSocket& socket : host_.sockets) {
    if (socket.cookie == which.cookie) socket.segment_bytes = bytes;
  }
  return ok();
}

Status FakeSession::remove(const api::PinnedDevice& which) {
  const auto error = host_.call("remove");
  if (error) {
    host_.pins.at(which.ifindex).attached = false;  // the link goes first, the rest may stay
    return *error;
  }
  for (const auto& [cookie, bytes] : host_.pins.at(which.ifindex).remembered) {
    for (api::ForeignSocket& socket : host_.sockets) {
      if (socket.cookie == cookie) socket.segment_bytes = bytes;
    }
  }
  host_.stages.erase(which.ifindex);
  host_.paces.erase(which.ifindex);
  EXPECT_EQ(host_.pins.erase(which.ifindex), 1U);
  return ok();
}

}  // namespace zc
