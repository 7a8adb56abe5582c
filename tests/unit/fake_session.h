// SPDX-License-Identifier: GPL-2.0-only
// What a FakeHost hands out: for reading, or for changing.
#pragma once

#include <memory>
#include <vector>

#include "fake_host.h"

namespace zc {

class FakeSession final : public api::Session {
 public:
  FakeSession(FakeHost& host, bool locks);
  ~FakeSession() override;
  FakeSession(const FakeSession&) = delete;
  FakeSession& operator=(const FakeSession&) = delete;

  Result<std::vector<api::PinnedDevice>> pinned() override;
  Result<std::unique_ptr<api::Tables>> read(const api::PinnedDevice& which) override;
  Result<std::vector<api::ReceiverStatus>> receivers(const api::PinnedDevice& which) override;
  Result<uint32_t> working_stage(uint32_t ifindex) override;
  Result<std::optional<api::PaceQueue>> pace_queue(uint32_t ifindex) override;
  Result<std::vector<api::HookEntry>> egress_chain(uint32_t ifindex) override;
  Result<std::vector<uint32_t>> stacked(uint32_t ifindex) override;
  Result<std::vector<uint32_t>> stray_stages() override;
  Result<std::unique_ptr<api::WritableTables>> open(const api::PinnedDevice& which) override;
  Result<std::unique_ptr<api::WritableTables>> create(const api::Device& device,
                                                      const api::CreateOptions& options) override;
  Status take_over(const api::PinnedDevice& which) override;
  Status attach(const api::Device& device) override;
  Status make_stage(const api::Device& device) override;
  Result<zc_pace_kind> make_pace(const api::Device& device) override;
  Status set_rate(uint32_t ifindex, uint32_t rule_id, const zc_rule& rule) override;
  Status trim_pace(const api::PinnedDevice& which, const std::set<uint32_t>& rules) override;
  Status remove(const api::PinnedDevice& which) override;
  Status remove_stage(uint32_t ifindex) override;
  Status set_segment(const api::ForeignSocket& socket, uint32_t bytes) override;
  api::TargetSession& targets() override { return targets_; }

 private:
  FakeHost& host_;
  FakeTargets targets_;
  bool locks_;
};

}  // namespace zc
