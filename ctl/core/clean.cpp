// SPDX-License-Identifier: GPL-2.0-only
#include "core/commands.h"

namespace zc::core {

Result<CleanReport> clean(api::Host& host, bool force, Run run) {
  using State = api::PinnedDevice::State;
  const Fd lock =
      ZC_TRY(host.lock(run == Run::kReally ? api::Access::kChange : api::Access::kRead));
  CleanReport report;
  for (const api::PinnedDevice& pins : ZC_TRY(host.pinned())) {
    if (pins.state == State::kLive) {
      // Opening for a change puts right what is half done inside.
      if (pins.here && run == Run::kReally) ZC_TRY(host.open(pins));
    } else if (pins.state == State::kLeftover || force) {
      if (run == Run::kReally) ZC_TRY(host.remove(pins));
      report.removed.push_back(pins);
    } else {
      report.kept.push_back(pins);
    }
  }
  report.stages = ZC_TRY(host.stray_stages());
  for (const uint32_t ifindex : report.stages) {
    if (run == Run::kReally) ZC_TRY(host.remove_stage(ifindex));
  }
  return report;
}

}  // namespace zc::core
