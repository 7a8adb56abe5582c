// SPDX-License-Identifier: GPL-2.0-only
#include "env/rule.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/commands.h"
#include "env/environment.h"
#include "kern/linux_host.h"
#include "zc/verdict.h"

namespace zc::bench {
namespace {

constexpr std::chrono::milliseconds kFreed{50};

Result<core::RuleSpec> rule_spec(Rtp rtp) {
  core::RuleArguments arguments;
  arguments.to = fmt::format("{}:{}", kFarAddress, kPort);
  arguments.pt = std::to_string(kPayloadType);
  arguments.clock = std::to_string(kClockHz);
  arguments.checksum = rtp == Rtp::kZcctlUni ? "uni" : "sum";
  return core::parse_rule(arguments);
}

}  // namespace

ZcctlRule::ZcctlRule(std::unique_ptr<api::Host> host) : host_(std::move(host)) {}

Result<std::unique_ptr<ZcctlRule>> ZcctlRule::attach(Rtp rtp) {
  auto host = kern::make_linux_host();
  core::AttachRequest request;
  request.dev = kDevice;
  request.spec = ZC_TRY(rule_spec(rtp));
  ZC_TRY(core::attach(*host, request, core::Run::kReally));
  return std::unique_ptr<ZcctlRule>(new ZcctlRule(std::move(host)));
}

// The kernel frees maps and devices later, in threads of its own: that shall not be in the next
// run's machine time.
ZcctlRule::~ZcctlRule() {
  (void)core::detach(*host_, {kDevice, {}}, core::Run::kReally);
  std::this_thread::sleep_for(kFreed);
}

std::string ZcctlRule::drops() const {
  const auto status = core::status(*host_, kDevice);
  if (!status || status->devices.empty() || status->devices[0].rules.empty()) return {};
  const zc_counts& counts = status->devices[0].rules[0].counts;
  std::string text;
#define ZC_BENCH_DROP(name, meaning)                                          \
  if (zc_is_drop(ZC_VERDICT_##name) && counts.packets[ZC_VERDICT_##name] > 0) \
    text += fmt::format(" {} {}", #name, counts.packets[ZC_VERDICT_##name]);
  ZC_COUNTERS(ZC_BENCH_DROP)
#undef ZC_BENCH_DROP
  return text;
}

}  // namespace zc::bench
