// SPDX-License-Identifier: GPL-2.0-only
// What the commands do: locks, looks, plans, acts, and hands back values. Prints nothing and
// knows no command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/host.h"
#include "base/result.h"
#include "core/checksum.h"
#include "core/findings.h"
#include "core/plan.h"
#include "core/rule.h"

namespace zc::core {

enum class Run : uint8_t { kReally, kDry };

struct AttachRequest {
  std::string dev;
  RuleSpec spec;
  std::optional<zc_hook> hook;  // nothing: tcx, or clsact where there is none
  bool replace = false;
  std::optional<uint32_t> max_streams{};  // of the device's tables, when they are made
  // The process whose sockets get UDP_SEGMENT set, and the one descriptor of it.
  std::optional<uint32_t> pid{}, fd{};
};
struct AttachReport {
  Plan plan;
  zc_rule rule{};
  zc_hook hook = ZC_HOOK_TCX;
  ChecksumChoice checksum;
  std::string no_stage;  // why super-packets cannot be cut here; empty where they can
  Findings findings{};   // what will keep packets away from the device
};
// The rule is in force when it returns; on failure the rules are as they were (core/execute.h).
Result<AttachReport> attach(api::Host& host, const AttachRequest& request, Run run);

// Device may be gone: then its leftovers go. kNotFound where there is nothing to remove.
Result<Plan> detach(api::Host& host, const DetachRequest& request, Run run);

// Two rules that match the same packets, which leave through both devices: stamped twice.
struct Doubled {
  Match match;
  std::string other_dev;
  Match other;
};

// A stream, and what its clock and a second look tell.
struct StreamStatus : api::StreamEntry {
  StreamStatus(const api::StreamEntry& entry = {}) : api::StreamEntry(entry) {}

  std::optional<uint64_t> age_ns{};    // since its newest packet; nothing: not asked for
  std::optional<uint64_t> rate_bps{};  // bits of payload a second, between two looks
};

struct DeviceStatus {
  std::string dev;
  zc_meta meta{};
  std::string stage;                      // its name; empty where there is none
  std::string pace{};                     // likewise the pace device's
  std::optional<api::PaceQueue> queue{};  // what its packets wait in, whether it works or not
  std::vector<api::RuleEntry> rules;
  std::vector<StreamStatus> streams;
  uint64_t looked_ns = 0;  // CLOCK_MONOTONIC, when the streams were read
  // What packets meet at the egress before our program: what it lets out leaves unstamped.
  std::vector<api::HookEntry> before{};
  std::vector<Doubled> doubled{};
  Findings findings{};  // findings_of the above
  std::vector<api::ReceiverStatus> receivers{};
};
// Pins that are not live, and what their tables still say: rules that are not in force any more.
struct Trouble : api::PinnedDevice {
  std::string dev{};  // its device's name when they were made; empty where it cannot be read
  std::vector<zc_rule> rules{};
  zc_meta meta{};  // of its tables; zero where they cannot be read
};
// Likewise of a target (core/target_commands.h).
struct TargetStatus {
  api::Target target;
  zc_meta meta{};
  std::vector<api::RuleEntry> rules{};
  std::vector<StreamStatus> streams{};
  uint64_t looked_ns = 0;
  Findings findings{};
};
struct TargetTrouble : api::PinnedTarget {
  std::vector<api::FramedRule> rules{};
  zc_meta meta{};
};
struct HostStatus {
  std::vector<DeviceStatus> devices;  // of this namespace, by name
  std::vector<Trouble> troubles;      // leftovers here and of dead namespaces, other versions
  std::optional<api::AgentStatus> agent{};
  std::vector<TargetStatus> targets{};  // of the host, by name
  std::vector<TargetTrouble> target_troubles{};
};
// `dev` empty: all. It may be the name of a target.
Result<HostStatus> status(api::Host& host, const std::string& dev,
                          api::ReadLock lock = api::ReadLock::kShared);
// Likewise, and where a stream sends looks again after `over`, without a lock meanwhile: what it
// returns is the second look, with rates. 0: it looks once, and there are none.
Result<HostStatus> status_over(api::Host& host, const std::string& dev,
                               std::chrono::milliseconds over);
constexpr std::chrono::milliseconds kUsualLook{200};
constexpr uint64_t kSendsNs = 1'000'000'000;  // a stream that is younger than that sends

// Ends streams that were silent for as long as their rule says (`--idle`), in this network
// namespace. Waits for nobody: where a zcctl is at work, that one does it. Looks without the lock
// first, so that it costs little where there is none.
Status end_idle_streams(api::Host& host);

// One rule of one device, as show has it.
struct FoundRule : api::RuleEntry {
  uint8_t ttl = 0;  // of its newest stream's packets; 0: there is none, or it is not known
};
// kNotFound where there is none.
Result<FoundRule> find_rule(api::Host& host, const std::string& dev, const Match& match);

struct CheckRequest {
  std::string dev;
  Match match;                         // without a source: every rule for the destination
  std::chrono::milliseconds watch{0};  // looks twice, so far apart; 0: once
};
struct CheckReport {
  CheckRequest request;
  Findings findings;
  uint64_t stamped = 0;              // since the rules are there, or while it watched
  std::vector<std::string> notes{};  // what could not be looked at, and why
};
// Why nothing arrives, or the wrong thing. No rule is a finding, too; kNotFound: no such device.
Result<CheckReport> check(api::Host& host, const CheckRequest& request);

struct ProbeReport {
  api::Features features;
  struct FamilyReport {
    ChecksumChoice automatic;             // what --checksum auto takes
    std::vector<ChecksumChoice> instead;  // what may be said instead; with its warning
  };
  struct DeviceReport {
    api::Device device;
    zc_hook hook = ZC_HOOK_TCX;
    std::string refusal;    // why nothing can be attached here; empty where it can
    std::string no_stage;   // why one call cannot carry many packets here; empty where it can
    std::string no_pace{};  // why --rate is refused here; empty where it is not
    FamilyReport ipv4, ipv6;
  };
  std::optional<DeviceReport> device;
  std::optional<zc_pace_kind> pacing{};  // what --rate makes; nothing: not known
};
Result<ProbeReport> probe(api::Host& host, const std::string& dev);

struct CleanReport {
  std::vector<Trouble> removed;
  std::vector<api::PinnedDevice> kept;          // other versions: `force` removes them
  std::vector<api::PinnedDevice> taken_over{};  // of an older zcctl
  std::vector<uint32_t> stages{};  // removed: stages of these devices, which had no pins
  std::vector<TargetTrouble> targets_removed{};
  std::vector<api::PinnedTarget> targets_kept{};
};
Result<CleanReport> clean(api::Host& host, bool force, Run run);

}  // namespace zc::core
