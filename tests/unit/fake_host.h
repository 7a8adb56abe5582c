// SPDX-License-Identifier: GPL-2.0-only
// A kernel in memory: the same interface, the same rules of the game (nothing without the lock,
// what is pinned but not attached is a leftover), and it fails wherever a test wants.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/host.h"

namespace zc {

// Everything about one device that outlives a zcctl.
struct FakePins {
  bool complete = false;  // pins are all there
  bool attached = false;
  bool device_gone = false;
  bool other_version = false;
  bool here = true;
  zc_meta meta{};
  std::map<uint32_t, zc_rule> rules;  // by id
  std::vector<api::StreamEntry> streams;
  zc_counts counts{};
  std::map<uint64_t, uint32_t> remembered;  // sockets by cookie, with what they get back
};

class FakeHost final : public api::Host {
 public:
  FakeHost();

  // --- what tests set up and look at
  std::map<std::string, api::Device> devices;  // by name
  std::map<uint32_t, FakePins> pins;           // by ifindex
  api::Features kernel_features;
  std::vector<std::string> calls;  // in order: "lock", "create", …
  std::set<uint32_t> stages;       // of these devices, by ifindex; a stage's own is 1000 more
  std::vector<api::ForeignSocket> sockets;  // of the only process there is
  int repairs = 0;                          // how often tables were opened for a change

  // The call of that number, from 1, fails; without effect, or half done where the real one could
  // be. 0: none.
  void fail_at(int call) { fail_at_ = call; }
  int fallible_calls() const { return fallible_calls_; }
  // Puts live pins with these rules on a device.
  void put_live(const std::string& dev, const std::vector<zc_rule>& rules);
  void put_leftover(const std::string& dev);
  // What a failed command must leave as it was: rules in force, by device. Leftovers are not in it.
  std::map<uint32_t, std::vector<std::string>> in_force() const;
  bool any_leftover() const;
  bool locked() const;

  // --- api::Host
  Result<api::Device> device(const std::string& name) override;
  std::string device_name(uint32_t ifindex) override;
  Result<api::Features> features() override;
  Result<Fd> lock(api::Access access) override;
  Result<std::vector<api::PinnedDevice>> pinned() override;
  Result<std::unique_ptr<api::Datapath>> open(const api::PinnedDevice& which) override;
  Result<std::unique_ptr<api::Datapath>> create(const api::Device& device,
                                                const api::CreateOptions& options) override;
  Status attach(const api::Device& device) override;
  Result<uint32_t> working_stage(uint32_t ifindex) override;
  Status make_stage(const api::Device& device) override;
  Status remove(const api::PinnedDevice& which) override;
  Result<std::vector<uint32_t>> stray_stages() override;
  Status remove_stage(uint32_t ifindex) override;
  Result<std::vector<api::ForeignSocket>> find_sockets(
      uint32_t pid, std::optional<uint32_t> fd, const Endpoint& to,
      const std::optional<Endpoint>& from) override;
  Status set_segment(const api::ForeignSocket& socket, uint32_t bytes) override;
  Result<Endpoint> source_towards(const Endpoint& destination) override;

  // Notes the call; the error where this is the one that shall fail.
  std::optional<Error> call(const std::string& name, bool changes);

 private:
  int fail_at_ = 0;
  int fallible_calls_ = 0;
  int lock_fd_ = -1;
  api::Access access_ = api::Access::kRead;
};

}  // namespace zc
