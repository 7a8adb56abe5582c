// SPDX-License-Identifier: GPL-2.0-only
// What the agent asks of the kernel, in memory: time that a test moves, tables that it writes, and
// packets that it reads.
#pragma once

#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "api/rtcp.h"

namespace zc {

struct FakeAgentDevice {
  zc_meta meta{};
  std::map<uint32_t, zc_rule> rules;
  std::map<uint32_t, api::StreamEntry> streams;  // by slot
  std::vector<api::ReceiverEntry> receivers;
  bool readable = true;
};

class FakeAgentTables final : public api::AgentTables {
 public:
  explicit FakeAgentTables(FakeAgentDevice& device) : device_(device) {}

  zc_meta meta() const override { return device_.meta; }
  Result<std::vector<std::pair<uint32_t, zc_rule>>> rules() override {
    return std::vector<std::pair<uint32_t, zc_rule>>(device_.rules.begin(), device_.rules.end());
  }
  Result<std::vector<api::StreamPlace>> streams() override {
    std::vector<api::StreamPlace> places;
    for (const auto& [slot, entry] : device_.streams)
      places.push_back({entry.flow, slot});
    return places;
  }
  zc_stream stream(uint32_t slot) const override {
    const auto found = device_.streams.find(slot);
    return found == device_.streams.end() ? zc_stream{} : found->second.stream;
  }
  Result<std::vector<api::ReceiverEntry>> receivers() override { return device_.receivers; }
  Status put_receiver(const zc_receiver_key& key, const zc_receiver& value) override {
    (void)remove_receiver(key);
    device_.receivers.emplace_back(key, value);
    return ok();
  }
  Status remove_receiver(const zc_receiver_key& key) override {
    std::erase_if(device_.receivers, [&](const auto& entry) {
      return std::memcmp(&entry.first, &key, sizeof(key)) == 0;
    });
    return ok();
  }

 private:
  FakeAgentDevice& device_;
};

class FakeAgentNet final : public api::AgentNet {
 public:
  struct Sent {
    api::ReportPath path;
    std::vector<uint8_t> packet;
  };

  // --- what tests set up and look at
  api::Clocks clocks{1'000'000'000'000, 1'800'000'000'000'000'000};
  std::map<uint32_t, FakeAgentDevice> tables;  // by ifindex; the device's name is "eth" and that
  std::vector<Sent> sent;
  std::map<uint32_t, api::ReportPath> open_paths;
  int refuses = 0;  // errno of every packet

  void pass(uint64_t ns) {
    clocks.monotonic_ns += ns;
    clocks.real_ns += ns;
  }

  // --- api::AgentNet
  api::Clocks now() override { return clocks; }
  Result<std::vector<api::PinnedDevice>> devices() override {
    std::vector<api::PinnedDevice> live;
    for (const auto& [ifindex, device] : tables)
      live.push_back({1, ifindex, true, api::PinnedDevice::State::kLive, ""});
    return live;
  }
  std::string device_name(uint32_t ifindex) override { return "eth" + std::to_string(ifindex); }
  Result<std::unique_ptr<api::AgentTables>> open(const api::PinnedDevice& pins) override {
    if (!tables[pins.ifindex].readable) return failed_error("somebody is at work");
    return std::unique_ptr<api::AgentTables>(
        std::make_unique<FakeAgentTables>(tables[pins.ifindex]));
  }
  uint32_t open_path(const api::ReportPath& path) override {
    open_paths[++last_path_] = path;
    return last_path_;
  }
  void close_path(uint32_t path) override { open_paths.erase(path); }
  int send(uint32_t path, std::span<const uint8_t> packet) override {
    if (refuses != 0) return refuses;
    sent.push_back({open_paths.at(path), {packet.begin(), packet.end()}});
    return 0;
  }
  Result<api::ReportEvent> wait(uint64_t) override {
    return api::ReportEvent{api::ReportEvent::Kind::kStop};
  }
  void publish(const std::map<std::string, uint64_t>&) override {}
  void notify(api::ServiceState, const std::string&) override {}

 private:
  uint32_t last_path_ = 0;
};

}  // namespace zc
