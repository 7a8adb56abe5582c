// SPDX-License-Identifier: GPL-2.0-only
// A kernel in memory: the same interface, the same rules of the game (one session at a time, what
// is pinned but not attached is a leftover), and it fails wherever a test wants.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/host.h"
#include "fake_targets.h"

namespace zc {

// Everything about one device that outlives a zcctl.
struct FakePins {
  bool complete = false;  // pins are all there
  bool attached = false;
  bool taken_off = false;  // by somebody else, after it was attached
  bool device_gone = false;
  bool other_version = false;
  bool damaged = false;  // a pin is missing
  bool older = false;    // of a zcctl whose rules can be taken over
  bool here = true;
  zc_meta meta{};
  std::map<uint32_t, zc_rule> rules;  // by id
  std::vector<api::StreamEntry> streams;
  zc_counts counts{};
  std::vector<api::ReceiverStatus> receivers{};
  std::map<uint64_t, uint32_t> remembered;  // sockets by cookie, with what they get back
};

class FakeHost final : public api::Host {
 public:
  static constexpr uint32_t kStageOffset = 1000, kPaceOffset = 2000;

  FakeHost();

  // --- what tests set up and look at
  std::map<std::string, api::Device> devices;  // by name
  std::map<uint32_t, FakePins> pins;           // by ifindex
  std::map<std::string, uint64_t> cgroups;     // ids by path
  std::map<uint64_t, FakeTargetPins> targets;  // by id of the cgroup
  std::vector<api::Connection> connections;    // of all processes
  std::vector<api::Living> target_ends;        // of connections of targets that were removed
  api::Features kernel_features;
  std::vector<std::string> calls;  // in order: "lock", "create", …
  std::set<uint32_t> stages;       // of these devices, by ifindex; a stage's own is 1000 more
  std::map<uint32_t, api::PaceQueue> paces;                  // likewise pace devices, 2000 more
  std::optional<zc_pace_kind> pace_kind = ZC_PACE_KIND_HTB;  // of those that are made
  std::map<uint32_t, std::vector<api::HookEntry>> chains;    // of somebody else's, by ifindex
  std::map<uint32_t, std::vector<uint32_t>> stacks;          // devices above and below, by ifindex
  std::vector<api::ForeignSocket> sockets;                   // of the only process there is
  // What is known of the way; an address that has no route here goes by eth0.
  std::map<std::string, api::Route> routes;  // by address
  api::Neighbour the_neighbour = api::Neighbour::kReachable;
  std::vector<api::Queue> the_queues;
  std::vector<api::AppSocket> app_sockets;
  std::optional<api::AgentStatus> the_agent;
  std::function<void()> on_wait = [] {};  // what happens while a command waits
  bool busy = false;                      // another zcctl has the lock, for whoever does not wait
  uint64_t clock_ns = 1'000'000'000'000;
  bool sees_all_namespaces = true;
  bool knows_routes = true;  // false: all these fail
  int repairs = 0;           // how often tables were opened for a change

  // The call of that number, from 1, fails; without effect, or half done where the real one could
  // be. 0: none.
  void fail_at(int call) { fail_at_ = call; }
  int fallible_calls() const { return fallible_calls_; }
  // Puts live pins with these rules on a device.
  void put_live(const std::string& dev, const std::vector<zc_rule>& rules);
  void put_leftover(const std::string& dev);
  // Likewise on a cgroup, which is made where it is not there.
  FakeTargetPins& put_target(const std::string& path, const std::vector<api::FramedRule>& rules);
  // What a failed command must leave as it was: rules in force, by device. Leftovers are not in it.
  std::map<uint32_t, std::vector<std::string>> in_force() const;
  bool any_leftover() const;
  bool locked() const;

  // --- api::Host
  Result<api::Device> device(const std::string& name) override;
  std::string device_name(uint32_t ifindex) override;
  Result<api::Target> cgroup(const std::string& path) override;
  Status framing() override;
  Result<std::vector<api::Connection>> find_connections(uint32_t pid, std::optional<uint32_t> fd,
                                                        const Endpoint& to,
                                                        uint16_t local_port) override;
  Result<api::Features> features() override;
  Result<bool> has_tcx() override;
  std::string release() override { return kernel_features.release; }
  Result<std::unique_ptr<api::Reader>> read(api::ReadLock lock) override;
  Result<std::unique_ptr<api::Session>> change() override;
  Result<std::unique_ptr<api::Session>> try_change() override;
  Result<std::vector<api::ForeignSocket>> find_sockets(
      uint32_t pid, std::optional<uint32_t> fd, const Endpoint& to,
      const std::optional<Endpoint>& from) override;
  Result<Endpoint> source_towards(const Endpoint& destination, const std::string&) override;
  Result<api::Route> route(const Endpoint& to, const std::optional<Endpoint>& from) override;
  Result<api::Neighbour> neighbour(uint32_t ifindex, const Endpoint& address) override;
  Result<std::optional<zc_pace_kind>> pacing() override;
  Result<std::vector<api::Queue>> queues(uint32_t ifindex) override;
  Result<api::AppSockets> sockets_towards(const Endpoint& to) override;
  void wait(std::chrono::milliseconds time) override {
    clock_ns += static_cast<uint64_t>(std::chrono::nanoseconds(time).count());
    on_wait();
  }
  uint64_t now_ns() override { return clock_ns; }
  std::optional<api::AgentStatus> agent() override { return the_agent; }

  // Notes the call; the error where this is the one that shall fail.
  std::optional<Error> call(const std::string& name);

 private:
  friend class FakeSession;
  int fail_at_ = 0;
  int fallible_calls_ = 0;
  int locks_ = 0;  // held now
};

}  // namespace zc
