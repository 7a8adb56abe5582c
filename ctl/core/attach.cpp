// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <cstdio>

#include "api/hook.h"
#include "base/printable.h"
#include "core/commands.h"
#include "core/execute.h"
#include "core/neighbours.h"
#include "core/pace.h"
#include "core/path.h"
#include "core/rtcp_port.h"
#include "core/stage.h"
#include "core/state.h"

namespace zc::core {
namespace {

// The hook of a program that is attached already, or the one to take.
Result<zc_hook> choose_hook(api::Host& host, const std::string& dev, const DeviceState& state,
                            std::optional<zc_hook> wanted) {
  if (state.holds_rules()) {
    const auto in_force = static_cast<zc_hook>(state.meta.hook);
    if (!wanted || *wanted == in_force) return in_force;
    return exists_error(dev + " is attached by " + api::to_string(in_force) + " already",
                        "detach all its rules first: zcctl detach " + shell_word(dev) + " --all");
  }
  const bool tcx = ZC_TRY(host.has_tcx());
  if (!wanted) return tcx ? ZC_HOOK_TCX : ZC_HOOK_CLSACT;
  if (*wanted == ZC_HOOK_TCX && !tcx)
    return unsupported_error("this kernel has no tcx", "use --hook clsact");
  return *wanted;
}

// Tables keep the size that they were made with.
Status check_max_streams(const std::string& dev, const DeviceState& state,
                         std::optional<uint32_t> wanted) {
  if (!state.holds_rules() || !wanted || *wanted == state.meta.max_streams) return ok();
  return exists_error("the tables of " + dev + " hold " + std::to_string(state.meta.max_streams) +
                          " streams already",
                      "detach all its rules first: zcctl detach " + shell_word(dev) + " --all");
}

// A packet through two devices with rules would be stamped twice (zero), or dropped (lco).
Status check_doubled(api::Host& host, api::Reader& reader, const api::Device& device,
                     const Match& match) {
  const auto doubled = ZC_TRY(find_doubled(host, reader, device.ifindex, {match}));
  if (doubled.empty()) return ok();
  const std::string& other = doubled.front().other_dev;
  return exists_error("rule " + match.text() + " on " + device.name +
                          " would match packets that pass " + other +
                          " too, where they match rule " + doubled.front().other.text(),
                      "attach to one of them, or tell them apart with --from");
}

bool has_rule(const DeviceState& state, const Match& match) {
  return std::ranges::any_of(state.rules,
                             [&](auto& old) { return to_match(old.rule.match) == match; });
}

// The kernel refuses each send of many packets without a checksum (udp_send_skb: EINVAL), which its
// app would learn only then.
Status check_sockets(const std::vector<api::ForeignSocket>& sockets) {
  for (const api::ForeignSocket& socket : sockets) {
    if (socket.no_checksum)
      return unsupported_error(
          socket.text() + ": its app has switched UDP checksums off (" +
              (socket.peer.family == Family::kIpv4 ? "SO_NO_CHECK" : "UDP_NO_CHECK6_TX") +
              "), and then the kernel refuses many packets a call",
          "attach without --pid, or name another socket: --pid PID:FD");
  }
  return ok();
}

// Before Linux 6.11 the kernel refuses many packets a call on a device that offloads no checksums
// (udp_send_skb: EIO). A release is all there is to tell by: only a send would show it.
bool refuses_unsummed(const std::string& release) {
  unsigned major = 0, minor = 0;
  if (std::sscanf(release.c_str(), "%u.%u", &major, &minor) != 2) return false;
  return major < 6 || (major == 6 && minor < 11);
}

// --pid would make each larger send of a running app fail; an app of the operator's own sees EIO.
Status check_offload(api::Host& host, const api::Device& device, const AttachRequest& request,
                     Findings& findings) {
  if (request.spec.segment_bytes == 0 || device.tx_checksum(request.spec.match.to.family))
    return ok();
  const std::string release = host.release();
  if (!refuses_unsummed(release)) return ok();
  const std::string what = "Linux " + release + " refuses many packets a call on " + device.name +
                           ", which offloads no checksums (EIO; 6.11 does not)";
  const std::string mend = "ethtool -K " + shell_word(device.name) + " tx on, where the device can";
  if (request.pid) return unsupported_error(what, mend);
  findings.push_back({"segment-refused", what, mend});
  return ok();
}

// What cannot be known before it is tried, the step that makes the queue says.
Status check_pacing(api::Host& host, const api::Device& device, const zc_rule& rule) {
  ZC_TRY(check_pace(device));
  const std::optional<zc_pace_kind> kind = ZC_TRY(host.pacing());
  return kind ? check_pace_kind(*kind, rule.options.how.pace == ZC_PACE_PCR) : ok();
}

// Asks routing table, neighbours and sockets: no zcctl waits meanwhile, for it holds no lock.
Result<PathFacts> look_ahead(api::Host& host, const AttachRequest& request) {
  return look_at_path(host, ZC_TRY(host.device(request.dev)), request.spec.match);
}

// Looks, chooses and plans. Changes nothing.
Result<AttachReport> prepare(api::Host& host, api::Reader& reader, const AttachRequest& request,
                             const PathFacts& path) {
  RuleSpec spec = request.spec;
  ResolvedAttach wanted;
  AttachReport report;
  const api::Device& device = wanted.device = ZC_TRY(host.device(request.dev));
  ZC_TRY(check_device(device));
  const DeviceState state = ZC_TRY(read_state(reader, device.ifindex));
  ZC_TRY(check_alone(reader, device));
  if (!has_rule(state, spec.match)) ZC_TRY(check_doubled(host, reader, device, spec.match));
  report.hook = ZC_TRY(choose_hook(host, request.dev, state, request.hook));
  report.checksum = ZC_TRY(
      choose_checksum(device, spec.match.to.family, spec.payload.header_bytes, spec.checksum));
  report.findings = path_findings(path);
  ZC_TRY(settle_rtcp_port(request.dev, state.rules, spec, report.findings));
  report.rule = to_abi(spec, report.checksum.way);
  const Status stage = check_stage(device);
  if (spec.segment_bytes != 0) {
    if (!stage) return stage.error();
    ZC_TRY(check_segment(path_mtu(path), report.rule));
    ZC_TRY(check_offload(host, device, request, report.findings));
  }
  if (is_paced(report.rule)) ZC_TRY(check_pacing(host, device, report.rule));
  if (!stage) report.no_stage = stage.error().message;
  ZC_TRY(check_max_streams(request.dev, state, request.max_streams));
  wanted.rule = report.rule;
  wanted.options = {report.hook, request.max_streams.value_or(ZC_DEFAULT_STREAMS)};
  wanted.replace = request.replace;
  wanted.stage = static_cast<bool>(stage);
  if (request.pid)
    wanted.sockets =
        ZC_TRY(host.find_sockets(*request.pid, request.fd, spec.match.to, spec.match.from));
  ZC_TRY(check_sockets(wanted.sockets));
  report.plan = ZC_TRY(plan_attach(wanted, state));
  return report;
}

}  // namespace

Result<AttachReport> attach(api::Host& host, const AttachRequest& request, Run run) {
  const PathFacts path = ZC_TRY(look_ahead(host, request));
  if (run == Run::kDry)
    return prepare(host, *ZC_TRY(host.read(api::ReadLock::kShared)), request, path);
  const auto session = ZC_TRY(host.change());
  AttachReport report = ZC_TRY(prepare(host, *session, request, path));
  const Executed executed = ZC_TRY(execute(*session, report.plan));
  if (!executed.no_stage.empty()) report.no_stage = executed.no_stage;
  return report;
}

}  // namespace zc::core
