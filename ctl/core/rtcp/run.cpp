// SPDX-License-Identifier: GPL-2.0-only
// The agent's life: turns, packets, and its end.
#include <array>

#include "core/rtcp/agent.h"
#include "core/rtcp/cname.h"

namespace zc::core::rtcp {
namespace {

uint32_t random_word() {
  std::random_device device;
  return device();
}

std::array<uint8_t, 12> random_name() {
  std::random_device device;
  std::array<uint8_t, 12> bytes{};
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>(device());
  return bytes;
}

}  // namespace

Status run_agent(api::AgentNet& net, const AgentRequest& request) {
  using Kind = api::ReportEvent::Kind;
  AgentRequest mine = request;
  mine.cname = make_cname(random_name());
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
