// SPDX-License-Identifier: GPL-2.0-only
#include "env/framed_rule.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/framed_rule.h"
#include "core/target_commands.h"
#include "counted_drops.h"
#include "job/far_end.h"
#include "job/job.h"
#include "kern/linux_host.h"
#include "own_cgroup.h"

namespace zc::bench {
namespace {

constexpr std::chrono::milliseconds kFreed{50};

Result<api::FramedRule> framed_rule(size_t payload_bytes) {
  core::RuleArguments arguments;
  arguments.to = fmt::format("{}:{}", kFarAddress, kPort);
  arguments.pt = std::to_string(kPayloadType);
  arguments.clock = std::to_string(kClockHz);
  arguments.segment = std::to_string(payload_bytes);
  core::FramingArguments framing;
  framing.framing = "rfc4571";
  return core::parse_framed_rule(arguments, framing);
}

}  // namespace

FramedRule::FramedRule(std::unique_ptr<OwnCgroup> cgroup, std::unique_ptr<api::Host> host)
    : cgroup_(std::move(cgroup)), host_(std::move(host)) {}

std::string FramedRule::target() const {
  return "cgroup:" + cgroup_->path();
}

Result<std::unique_ptr<FramedRule>> FramedRule::attach(size_t payload_bytes) {
  std::unique_ptr<FramedRule> made(
      new FramedRule(ZC_TRY(OwnCgroup::enter()), kern::make_linux_host()));
  core::TargetAttachRequest request;
  request.name = made->target();
  request.wanted.rule = ZC_TRY(framed_rule(payload_bytes));
  ZC_TRY(core::attach_target(*made->host_, request, core::Run::kReally));
  return made;
}

// What the kernel frees later shall not be in the next run's machine time.
FramedRule::~FramedRule() {
  (void)core::detach_target(*host_, {target(), {}}, core::Run::kReally);
  std::this_thread::sleep_for(kFreed);
}

std::string FramedRule::drops() const {
  const auto status = core::status(*host_, target());
  if (!status || status->targets.empty() || status->targets[0].rules.empty()) return {};
  return counted_drops(status->targets[0].rules[0].counts);
}

}  // namespace zc::bench
