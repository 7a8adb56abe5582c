// SPDX-License-Identifier: GPL-2.0-only
#include "fake_host.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <cstring>

#include "core/rule.h"

namespace zc {
namespace {

class FakeDatapath final : public api::Datapath {
 public:
  FakeDatapath(FakeHost& host, uint32_t ifindex) : host_(host), ifindex_(ifindex) {}

  zc_meta meta() const override { return host_.pins[ifindex_].meta; }

  Result<std::vector<api::RuleEntry>> rules() override {
    if (auto error = host_.call("rules", false)) return *error;
    std::vector<api::RuleEntry> entries;
    for (const auto& [id, rule] : pins().rules)
      entries.push_back({id, rule, pins().counts});
    return entries;
  }
  Result<std::vector<api::StreamEntry>> streams() override {
    if (auto error = host_.call("streams", false)) return *error;
    return pins().streams;
  }
  Status add_rule(const zc_rule& rule) override {
    if (auto error = host_.call("add_rule", true)) return *error;
    uint32_t id = 0;
    while (pins().rules.contains(id))
      id++;
    pins().rules[id] = rule;
    return ok();
  }
  Status replace_rule(uint32_t id, const zc_rule& rule) override {
    if (auto error = host_.call("replace_rule", true)) return *error;
    EXPECT_TRUE(pins().rules.contains(id));
    pins().rules[id] = rule;
    return ok();
  }
  Status remove_rule(uint32_t id) override {
    if (auto error = host_.call("remove_rule", true)) return *error;
    EXPECT_EQ(pins().rules.erase(id), 1U);
    return ok();
  }
  Status remember_socket(uint32_t rule_id, const api::ForeignSocket& socket, uint32_t) override {
    if (auto error = host_.call("remember_socket", true)) return *error;
    EXPECT_TRUE(pins().rules.contains(rule_id));
    pins().remembered.emplace(socket.cookie, socket.segment_bytes);
    return ok();
  }

 private:
  FakePins& pins() { return host_.pins[ifindex_]; }
  FakeHost& host_;
  uint32_t ifindex_;
};

constexpr uint32_t kStageOffset = 1000;

api::Device make_device(const std::string& name, uint32_t ifindex) {
  api::Device device;
  device.name = name;
  device.ifindex = ifindex;
  device.mtu = 1500;
  device.link_type = 1;  // Ethernet
  device.up = true;
  device.driver = "e1000";
  device.tx_checksum_ipv4 = device.tx_checksum_ipv6 = true;
  device.senders.push_back({name, "e1000", api::CsumStart::kFollowed});
  return device;
}

}  // namespace

FakeHost::FakeHost() {
  devices["eth0"] = make_device("eth0", 2);
  devices["eth1"] = make_device("eth1", 3);
  kernel_features = {.release = "6.18.0",
                     .tcx = true,
                     .kern_ctx = true,
                     .table_bytes = 16 << 20,
                     .stream_bytes = 232};
}

std::optional<Error> FakeHost::call(const std::string& name, bool changes) {
  calls.push_back(name);
  const bool free = name == "lock" || name == "device" || name == "features";
  EXPECT_TRUE(free || locked()) << name << " without the lock";
  EXPECT_TRUE(!changes || access_ == api::Access::kChange) << name << " under a lock for reading";
  if (++fallible_calls_ == fail_at_) return failed_error(name + " failed");
  return {};
}

void FakeHost::put_live(const std::string& dev, const std::vector<zc_rule>& rules) {
  FakePins& there = pins[devices.at(dev).ifindex];
  there.complete = there.attached = true;
  there.meta.hook = ZC_HOOK_TCX;
  there.meta.ifindex = devices.at(dev).ifindex;
  std::strncpy(there.meta.dev, dev.c_str(), sizeof(there.meta.dev) - 1);
  for (const zc_rule& rule : rules)
    there.rules[static_cast<uint32_t>(there.rules.size())] = rule;
}

void FakeHost::put_leftover(const std::string& dev) {
  put_live(dev, {});
  pins[devices.at(dev).ifindex].attached = false;
}

std::map<uint32_t, std::vector<std::string>> FakeHost::in_force() const {
  std::map<uint32_t, std::vector<std::string>> rules;
  for (const auto& [ifindex, there] : pins) {
    if (!there.attached) continue;
    auto& list = rules[ifindex];
    for (const auto& [id, rule] : there.rules)
      list.push_back(core::to_match(rule.match).text() + " pt " +
                     std::to_string(rule.how.payload_type));
  }
  return rules;
}

bool FakeHost::any_leftover() const {
  for (const auto& [ifindex, there] : pins) {
    if (!there.attached || !there.complete) return true;
  }
  return false;
}

bool FakeHost::locked() const {
  return lock_fd_ >= 0 && fcntl(lock_fd_, F_GETFD) >= 0;
}

Result<api::Device> FakeHost::device(const std::string& name) {
  if (auto error = call("device", false)) return *error;
  const auto found = devices.find(name);
  if (found != devices.end()) return found->second;
  return not_found_error("there is no device '" + name + "'");
}

std::string FakeHost::device_name(uint32_t ifindex) {
  if (ifindex > kStageOffset && stages.contains(ifindex - kStageOffset)) return "zcstage";
  for (const auto& [name, device] : devices) {
    if (device.ifindex == ifindex) return name;
  }
  return "";
}

Result<api::Features> FakeHost::features() {
  if (auto error = call("features", false)) return *error;
  return kernel_features;
}

Result<Fd> FakeHost::lock(api::Access access) {
  EXPECT_FALSE(locked()) << "two locks would wait for each other";
  if (auto error = call("lock", false)) return *error;
  access_ = access;
  lock_fd_ = eventfd(0, EFD_CLOEXEC);
  return Fd(lock_fd_);
}

Result<std::vector<api::PinnedDevice>> FakeHost::pinned() {
  using State = api::PinnedDevice::State;
  if (auto error = call("pinned", false)) return *error;
  std::vector<api::PinnedDevice> found;
  for (const auto& [ifindex, there] : pins) {
    api::PinnedDevice entry{there.here ? 1U : 9U, ifindex, there.here, State::kLive, ""};
    if (there.other_version) {
      entry.state = State::kOtherVersion;
      entry.why = "its pins have layout 9, this zcctl knows layout 1";
    } else if (there.device_gone) {
      entry.state = State::kLeftover;
      entry.why = "its device is gone";
    } else if (!there.attached || !there.complete) {
      entry.state = State::kLeftover;
      entry.why = "it was left half done";
    }
    found.push_back(entry);
  }
  return found;
}

Result<std::unique_ptr<api::Datapath>> FakeHost::open(const api::PinnedDevice& which) {
  if (auto error = call("open", false)) return *error;
  EXPECT_TRUE(pins.contains(which.ifindex));
  EXPECT_FALSE(pins[which.ifindex].other_version) << "another version's tables are not ours";
  if (access_ == api::Access::kChange) repairs++;
  return std::unique_ptr<api::Datapath>(new FakeDatapath(*this, which.ifindex));
}

Result<std::unique_ptr<api::Datapath>> FakeHost::create(const api::Device& device,
                                                        const api::CreateOptions& options) {
  FakePins there;
  const auto error = call("create", true);
  EXPECT_FALSE(pins.contains(device.ifindex)) << "what was there is removed first";
  there.complete = !error;  // half of the pins are what a failure may leave
  there.meta.hook = options.hook;
  there.meta.max_streams = options.max_streams;
  there.meta.ifindex = device.ifindex;
  std::strncpy(there.meta.dev, device.name.c_str(), sizeof(there.meta.dev) - 1);
  pins[device.ifindex] = there;
  if (error) return *error;
  return std::unique_ptr<api::Datapath>(new FakeDatapath(*this, device.ifindex));
}

Status FakeHost::attach(const api::Device& device) {
  if (auto error = call("attach", true)) return *error;
  EXPECT_FALSE(pins.at(device.ifindex).rules.empty()) << "a program without rules sees packets";
  pins.at(device.ifindex).attached = true;
  return ok();
}

Result<uint32_t> FakeHost::working_stage(uint32_t ifindex) {
  if (auto error = call("working_stage", false)) return *error;
  return stages.contains(ifindex) ? kStageOffset + ifindex : 0U;
}

Status FakeHost::make_stage(const api::Device& device) {
  if (auto error = call("make_stage", true)) return *error;
  stages.insert(device.ifindex);
  pins.at(device.ifindex).meta.stage = kStageOffset + device.ifindex;
  return ok();
}

Result<std::vector<uint32_t>> FakeHost::stray_stages() {
  if (auto error = call("stray_stages", false)) return *error;
  std::vector<uint32_t> strays;
  for (const uint32_t ifindex : stages) {
    if (!pins.contains(ifindex)) strays.push_back(ifindex);
  }
  return strays;
}

Status FakeHost::remove_stage(uint32_t ifindex) {
  if (auto error = call("remove_stage", true)) return *error;
  EXPECT_EQ(stages.erase(ifindex), 1U);
  return ok();
}

Result<std::vector<api::ForeignSocket>> FakeHost::find_sockets(uint32_t pid,
                                                               std::optional<uint32_t> fd,
                                                               const Endpoint& to,
                                                               const std::optional<Endpoint>&) {
  if (auto error = call("find_sockets", false)) return *error;
  std::vector<api::ForeignSocket> found;
  for (const api::ForeignSocket& socket : sockets) {
    if (socket.pid == pid && socket.peer == to && (!fd || socket.fd == *fd))
      found.push_back(socket);
  }
  if (found.empty()) return not_found_error("no such socket");
  return found;
}

Status FakeHost::set_segment(const api::ForeignSocket& which, uint32_t bytes) {
  if (auto error = call("set_segment", true)) return *error;
  for (api::ForeignSocket& socket : sockets) {
    if (socket.cookie == which.cookie) socket.segment_bytes = bytes;
  }
  return ok();
}

Status FakeHost::remove(const api::PinnedDevice& which) {
  const auto error = call("remove", true);
  if (error) {
    pins.at(which.ifindex).attached = false;  // the link goes first, the rest may stay
    return *error;
  }
  for (const auto& [cookie, bytes] : pins.at(which.ifindex).remembered) {
    for (api::ForeignSocket& socket : sockets) {
      if (socket.cookie == cookie) socket.segment_bytes = bytes;
    }
  }
  stages.erase(which.ifindex);
  EXPECT_EQ(pins.erase(which.ifindex), 1U);
  return ok();
}

Result<Endpoint> FakeHost::source_towards(const Endpoint& destination) {
  if (auto error = call("source_towards", false)) return *error;
  Endpoint source = destination;
  source.port = 0;
  return source;
}

}  // namespace zc
