// SPDX-License-Identifier: GPL-2.0-only
#include "fake_targets.h"

#include <gtest/gtest.h>

#include "fake_host.h"

namespace zc {
namespace {

class FakeTargetTables final : public api::TargetTables {
 public:
  FakeTargetTables(FakeHost& host, uint64_t id) : host_(host), id_(id) {}

  zc_meta meta() const override {
    zc_meta meta{};
    meta.max_streams = host_.targets.at(id_).max_streams;
    return meta;
  }
  Result<std::vector<api::RuleEntry>> rules() override {
    if (auto error = host_.call("rules")) return *error;
    std::vector<api::RuleEntry> entries;
    for (const auto& [id, rule] : pins().rules)
      entries.push_back({id, rule.rule, pins().counts, {}, rule.framing});
    return entries;
  }
  Result<std::vector<api::StreamEntry>> streams() override {
    if (auto error = host_.call("streams")) return *error;
    return pins().streams;
  }
  Status add_rule(const api::FramedRule& rule) override {
    if (auto error = host_.call("add_rule")) return *error;
    uint32_t id = 0;
    while (pins().rules.contains(id))
      id++;
    pins().rules[id] = rule;
    return ok();
  }
  Status replace_rule(uint32_t id, const api::FramedRule& rule) override {
    if (auto error = host_.call("replace_rule")) return *error;
    EXPECT_TRUE(pins().rules.contains(id));
    pins().rules[id] = rule;
    return ok();
  }
  Status remove_rule(uint32_t id, api::Living living) override {
    if (auto error = host_.call("remove_rule")) return *error;
    EXPECT_EQ(pins().rules.erase(id), 1U);
    pins().ended.push_back(living);
    return ok();
  }
  Status take(uint32_t id, const api::Connection& connection) override {
    if (auto error = host_.call("take")) return *error;
    EXPECT_TRUE(pins().rules.contains(id));
    pins().taken.insert(connection.cookie);
    return ok();
  }
  Status release(const api::Connection& connection) override {
    if (auto error = host_.call("release")) return *error;
    pins().taken.erase(connection.cookie);
    return ok();
  }

 private:
  FakeTargetPins& pins() { return host_.targets.at(id_); }
  FakeHost& host_;
  uint64_t id_;
};

}  // namespace

Result<std::vector<api::PinnedTarget>> FakeTargets::pinned() {
  using State = api::PinnedTarget::State;
  if (auto error = host_.call("pinned_targets")) return *error;
  std::vector<api::PinnedTarget> found;
  for (const auto& [id, there] : host_.targets) {
    api::PinnedTarget pins{there.target};
    if (there.other_version) {
      pins.state = State::kOtherVersion;
      pins.why = "its pins have layout 9, this zcctl knows layout 1";
    } else if (there.cgroup_gone) {
      pins.state = State::kLeftover;
      pins.why = "its cgroup is gone";
    } else if (there.complete && there.taken_off) {
      pins.state = State::kDetached;
      pins.why = "its program is not attached";
    } else if (!there.complete || !there.attached) {
      pins.state = State::kLeftover;
      pins.why = "it was left half done";
    }
    found.push_back(pins);
  }
  return found;
}

Result<std::unique_ptr<api::Tables>> FakeTargets::read(const api::PinnedTarget& pins) {
  if (auto error = host_.call("read_target")) return *error;
  EXPECT_FALSE(host_.targets.at(pins.target.id).other_version);
  return std::unique_ptr<api::Tables>(new FakeTargetTables(host_, pins.target.id));
}

Result<std::set<uint64_t>> FakeTargets::taken(const api::PinnedTarget& pins) {
  if (auto error = host_.call("taken")) return *error;
  return host_.targets.at(pins.target.id).taken;
}

Result<std::unique_ptr<api::TargetTables>> FakeTargets::open(const api::PinnedTarget& pins) {
  if (auto error = host_.call("open_target")) return *error;
  EXPECT_FALSE(host_.targets.at(pins.target.id).other_version);
  return std::unique_ptr<api::TargetTables>(new FakeTargetTables(host_, pins.target.id));
}

Result<std::unique_ptr<api::TargetTables>> FakeTargets::create(const api::Target& target,
                                                               uint32_t max_streams) {
  const auto error = host_.call("create_target");
  EXPECT_FALSE(host_.targets.contains(target.id)) << "what was there is removed first";
  FakeTargetPins there{target};
  there.complete = !error;  // half of the pins are what a failure may leave
  there.max_streams = max_streams;
  host_.targets[target.id] = there;
  if (error) return *error;
  return std::unique_ptr<api::TargetTables>(new FakeTargetTables(host_, target.id));
}

Status FakeTargets::attach(const api::Target& target) {
  if (auto error = host_.call("attach_target")) return *error;
  EXPECT_FALSE(host_.targets.at(target.id).rules.empty());
  host_.targets.at(target.id).attached = true;
  host_.targets.at(target.id).taken_off = false;
  return ok();
}

Status FakeTargets::remove(const api::PinnedTarget& pins, api::Living living) {
  if (auto error = host_.call("remove_target")) return *error;
  host_.targets.erase(pins.target.id);
  host_.target_ends.push_back(living);
  return ok();
}

}  // namespace zc
