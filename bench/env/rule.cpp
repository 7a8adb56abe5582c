// SPDX-License-Identifier: GPL-2.0-only
#include "env/rule.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "core/commands.h"
#include "counted_drops.h"
#include "env/environment.h"
#include "kern/linux_host.h"
#include "zc/verdict.h"

namespace zc::bench {
namespace {

constexpr std::chrono::milliseconds kFreed{50};

// Nobody sends to that port.
constexpr uint16_t kOtherPort = kPort + 2;
constexpr const char* kOtherRate = "8M";

Result<core::RuleSpec> rule_spec(Rtp rtp, const RuleWords& words, uint16_t port) {
  core::RuleArguments arguments;
  arguments.to = fmt::format("{}:{}", kFarAddress, port);
  arguments.pt = std::to_string(kPayloadType);
  arguments.encoding = words.encoding;
  if (words.encoding.empty()) arguments.clock = std::to_string(kClockHz);
  arguments.timestamp = words.timestamp;
  arguments.rate = words.rate;
  arguments.rtcp = "off";
  arguments.checksum = rtp == Rtp::kZcctlUni ? "uni" : "sum";
  return core::parse_rule(arguments);
}

Status attach_one(api::Host& host, Rtp rtp, const RuleWords& words, uint16_t port) {
  core::AttachRequest request;
  request.dev = kDevice;
  request.spec = ZC_TRY(rule_spec(rtp, words, port));
  ZC_TRY(core::attach(host, request, core::Run::kReally));
  return ok();
}

}  // namespace

ZcctlRule::ZcctlRule(std::unique_ptr<api::Host> host) : host_(std::move(host)) {}

Result<std::unique_ptr<ZcctlRule>> ZcctlRule::attach(Rtp rtp, const RuleWords& words) {
  std::unique_ptr<ZcctlRule> rule(new ZcctlRule(kern::make_linux_host()));
  ZC_TRY(attach_one(*rule->host_, rtp, words, kPort));
  if (words.beside_paced) ZC_TRY(attach_one(*rule->host_, rtp, {.rate = kOtherRate}, kOtherPort));
  return rule;
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
  return counted_drops(status->devices[0].rules[0].counts);
}

std::string counted_drops(const zc_counts& counts) {
  std::string text;
#define ZC_BENCH_DROP(name, meaning)                                          \
  if (zc_is_drop(ZC_VERDICT_##name) && counts.packets[ZC_VERDICT_##name] > 0) \
    text += fmt::format(" {} {}", #name, counts.packets[ZC_VERDICT_##name]);
  ZC_COUNTERS(ZC_BENCH_DROP)
#undef ZC_BENCH_DROP
  return text;
}

}  // namespace zc::bench
