// SPDX-License-Identifier: GPL-2.0-only
#include "core/commands.h"
#include "core/execute.h"
#include "core/state.h"

namespace zc::core {
namespace {

Result<Plan> prepare(api::Host& host, api::Reader& reader, const DetachRequest& request) {
  const uint32_t ifindex = ZC_TRY(resolve_device(host, reader, request.dev));
  return plan_detach(request, ZC_TRY(read_state(reader, ifindex)));
}

}  // namespace

Result<Plan> detach(api::Host& host, const DetachRequest& request, Run run) {
  if (run == Run::kDry) return prepare(host, *ZC_TRY(host.read(api::ReadLock::kShared)), request);
  const auto session = ZC_TRY(host.change());
  Plan plan = ZC_TRY(prepare(host, *session, request));
  ZC_TRY(execute(*session, plan));
  return plan;
}

}  // namespace zc::core
