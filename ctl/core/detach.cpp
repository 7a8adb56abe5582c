// SPDX-License-Identifier: GPL-2.0-only
#include "core/commands.h"
#include "core/state.h"

namespace zc::core {

Result<Plan> detach(api::Host& host, const DetachWish& wish, Run run) {
  const Fd lock =
      ZC_TRY(host.lock(run == Run::kReally ? api::Access::kChange : api::Access::kRead));
  const uint32_t ifindex = ZC_TRY(resolve_device(host, wish.dev));
  const DeviceState state = ZC_TRY(read_state(host, ifindex));
  Plan plan = ZC_TRY(plan_detach(wish, state));
  if (run == Run::kDry) return plan;
  for (const Step& step : plan) {
    if (step.kind == Step::Kind::kRemovePins) ZC_TRY(host.remove(*state.pins));
    if (step.kind == Step::Kind::kRemoveRule)
      ZC_TRY(ZC_TRY(host.open(*state.pins))->remove_rule(step.rule_id));
  }
  return plan;
}

}  // namespace zc::core
