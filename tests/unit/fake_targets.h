// SPDX-License-Identifier: GPL-2.0-only
// The targets of a FakeHost: the same rules of the game as with its devices.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/target.h"

namespace zc {

class FakeHost;

// Everything about one target that outlives a zcctl.
struct FakeTargetPins {
  api::Target target;
  bool complete = false, attached = false;
  bool taken_off = false;  // by somebody else, after it was attached
  bool cgroup_gone = false;
  bool other_version = false;
  uint32_t max_streams = 0;
  std::map<uint32_t, api::FramedRule> rules{};  // by id
  std::vector<api::StreamEntry> streams{};
  zc_counts counts{};
  std::set<uint64_t> taken{};        // cookies of sockets
  std::vector<api::Living> ended{};  // what became of connections of rules that went
};

class FakeTargets final : public api::TargetSession {
 public:
  explicit FakeTargets(FakeHost& host) : host_(host) {}

  Result<std::vector<api::PinnedTarget>> pinned() override;
  Result<std::unique_ptr<api::Tables>> read(const api::PinnedTarget& pins) override;
  Result<std::set<uint64_t>> taken(const api::PinnedTarget& pins) override;
  Result<std::unique_ptr<api::TargetTables>> open(const api::PinnedTarget& pins) override;
  Result<std::unique_ptr<api::TargetTables>> create(const api::Target& target,
                                                    uint32_t max_streams) override;
  Status attach(const api::Target& target) override;
  Status remove(const api::PinnedTarget& pins, api::Living living) override;

 private:
  FakeHost& host_;
};

}  // namespace zc
