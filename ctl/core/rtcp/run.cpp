// SPDX-License-Identifier: GPL-2.0-only
// The agent's life: turns, packets, and its end.
#include <random>

#include "base/cname.h"
#include "core/rtcp/agent.h"

namespace zc::core::rtcp {
namespace {

uint32_t random_word() {
  std::random_device device;
  return device();
}

}  // namespace

Status run_agent(api::AgentNet& net, const AgentRequest& request) {
  using Kind = api::ReportEvent::Kind;
  AgentRequest mine = request;
  mine.cname = make_random_cname();
  Agent agent(net, std::move(mine), random_word());
  uint64_t next_ns = agent.turn();
  net.notify(api::ServiceState::kReady, agent.status());
  uint64_t told_ns = 0;
  while (true) {
    const api::ReportEvent event = ZC_TRY(net.wait(next_ns));
    if (event.kind == Kind::kStop) break;
    if (event.kind == Kind::kPacket) agent.take(event);
    const uint64_t now_ns = net.now().monotonic_ns;
    if (now_ns < next_ns) continue;
    next_ns = agent.turn();
    if (now_ns < told_ns + Agent::kLookNs) continue;
    told_ns = now_ns;
    net.publish(agent.figures());
    net.notify(api::ServiceState::kAlive, agent.status());
  }
  net.notify(api::ServiceState::kStopping, agent.status());
  agent.stop();
  return ok();
}

}  // namespace zc::core::rtcp
