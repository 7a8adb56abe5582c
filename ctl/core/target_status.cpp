// SPDX-License-Identifier: GPL-2.0-only
#include "base/printable.h"
#include "core/state.h"
#include "core/target.h"
#include "core/target_commands.h"

namespace zc::core {
namespace {

using State = api::PinnedTarget::State;

void find_unframed(const TargetStatus& target, const api::RuleEntry& entry, Findings& findings) {
  const uint64_t count = packets_of(entry, ZC_VERDICT_no_state);
  if (count == 0) return;
  findings.push_back(
      {"unframed",
       rule_text(entry) + ": " + std::to_string(count) +
           " connections could not be taken, and send without frames: the table is full, or "
           "another program has their sockets in a sockmap",
       "make the tables larger: zcctl detach " + shell_word(target.target.name()) +
           " --all, then attach with --max-streams; `bpftool map` lists sockmaps"});
}

// What broke a connection: the media, where a head has to say how long they are, the application's
// kTLS, or the kernel.
std::string broken_mend(const api::RuleEntry& entry) {
  std::string others =
      "let no rule match what the application encrypts in the kernel (kTLS), or free memory, if "
      "`dmesg` tells of its lack";
  if (entry.framing.skip != ZC_SKIP_HTTP) return others;
  return "let the server answer with Content-Length and without Transfer-Encoding, on a port where "
         "all is HTTP/1; or " +
         others;
}

void find_broken(const api::RuleEntry& entry, Findings& findings) {
  const uint64_t count = packets_of(entry, ZC_VERDICT_broken);
  if (count == 0) return;
  findings.push_back(
      {"broken",
       rule_text(entry) + ": " + std::to_string(count) +
           " times bytes could not be framed, or were for kTLS to encrypt: those "
           "connections are broken from there on, and their applications were told so",
       broken_mend(entry)});
}

// What a target of sockets has streams of are connections that live.
void find_ended(const TargetStatus& target, Findings& findings) {
  if (target.target.kind != ZC_TARGET_SOCKETS || !target.streams.empty()) return;
  findings.push_back({"ended",
                      std::string(kConnectionsGone) + ": nothing comes under its rules any more",
                      "`zcctl clean` removes them"});
}

}  // namespace

Findings findings_of(const TargetStatus& target) {
  Findings findings;
  find_ended(target, findings);
  for (const api::RuleEntry& entry : target.rules) {
    find_unframed(target, entry, findings);
    find_broken(entry, findings);
  }
  return findings;
}

std::string pins_mend(const api::PinnedTarget& pins) {
  if (pins.state == State::kDetached)
    return "the same `zcctl attach` attaches the program again, `zcctl clean` removes them";
  if (pins.must_be_forced()) return "`zcctl clean --force` removes them";
  return "`zcctl clean` removes them";
}

Result<api::Target> resolve_target(api::Host& host, api::TargetReader& reader,
                                   const std::string& name) {
  if (names_process(name))
    return usage_error(name + " is for attach: a rule outlives the process",
                       "`zcctl show` has the name of its target: sockets:COOKIE");
  if (names_sockets(name)) return api::Target{ZC_TARGET_SOCKETS, ZC_TRY(parse_sockets(name)), ""};
  const std::string path = ZC_TRY(parse_cgroup(name));
  auto target = host.cgroup(path);
  if (target || target.error().kind != ErrorKind::kNotFound) return target;
  for (const api::PinnedTarget& pins : ZC_TRY(reader.pinned())) {
    if (pins.target.kind == ZC_TARGET_CGROUP && pins.target.path == path) return pins.target;
  }
  return target;
}

Result<TargetState> read_target_state(api::TargetReader& reader, const api::Target& target) {
  TargetState state{target};
  for (const api::PinnedTarget& pins : ZC_TRY(reader.pinned())) {
    if (pins.target == target) state.pins = pins;
  }
  if (!state.holds_rules()) return state;
  const auto tables = ZC_TRY(reader.read(*state.pins));
  state.meta = tables->meta();
  state.rules = ZC_TRY(tables->rules());
  state.taken = ZC_TRY(reader.taken(*state.pins));
  return state;
}

namespace {

// Of the connection that sent last.
std::optional<Endpoint> newest_local_address(const std::vector<api::StreamEntry>& streams,
                                             uint32_t rule) {
  std::optional<Endpoint> newest;
  uint64_t last_ns = 0;
  for (const api::StreamEntry& entry : streams) {
    if (entry.stream.rule != rule || (newest && entry.stream.last_ns < last_ns)) continue;
    newest = source_of(entry.flow);
    newest->port = 0;
    last_ns = entry.stream.last_ns;
  }
  return newest;
}

}  // namespace

Result<FoundFramedRule> find_target_rule(api::Host& host, const std::string& name,
                                         const Match& match) {
  const auto reader = ZC_TRY(host.read(api::ReadLock::kShared));
  const api::Target target = ZC_TRY(resolve_target(host, reader->targets(), name));
  const TargetState state = ZC_TRY(read_target_state(reader->targets(), target));
  for (const api::RuleEntry& entry : state.rules) {
    if (to_match(entry.rule.match) != match) continue;
    const auto tables = ZC_TRY(reader->targets().read(*state.pins));
    return FoundFramedRule{{entry.rule, entry.framing},
                           newest_local_address(ZC_TRY(tables->streams()), entry.id)};
  }
  return not_found_error(target.name() + " has no rule " + match.text(),
                         "`zcctl show " + shell_word(target.name()) + "` lists the rules");
}

Result<TargetStatus> read_target_status(api::Host& host, api::TargetReader& reader,
                                        const api::PinnedTarget& pins) {
  const auto tables = ZC_TRY(reader.read(pins));
  TargetStatus status{pins.target};
  status.meta = tables->meta();
  status.rules = ZC_TRY(tables->rules());
  status.looked_ns = host.now_ns();
  status.streams = ZC_TRY(read_streams(*tables, status.looked_ns));
  status.findings = findings_of(status);
  return status;
}

Result<TargetTrouble> read_target_trouble(api::TargetReader& reader,
                                          const api::PinnedTarget& pins) {
  TargetTrouble trouble{pins};
  if (pins.must_be_forced()) return trouble;
  const auto tables = reader.read(pins);
  if (!tables) return trouble;  // half made, or half removed
  trouble.meta = (*tables)->meta();
  for (const api::RuleEntry& entry : ZC_TRY((*tables)->rules()))
    trouble.rules.push_back({entry.rule, entry.framing});
  return trouble;
}

}  // namespace zc::core
