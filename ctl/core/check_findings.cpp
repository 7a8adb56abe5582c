// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "base/printable.h"
#include "core/check.h"
#include "core/checksum.h"
#include "zc/room.h"

namespace zc::core {
namespace {

// What `check` finds, in the order in which it tells.
using Finder = void (*)(const CheckFacts& facts, Findings& findings);

std::string while_watched(const CheckFacts& facts) {
  return facts.watched ? ", while it was watched" : "";
}

std::string attach_again(const CheckFacts& facts, const std::string& option) {
  return "the same `zcctl attach " + shell_word(facts.path.device.name) + "` with " + option;
}

bool nothing_came(const CheckFacts& facts) {
  for (const api::RuleEntry& entry : facts.device.rules) {
    for (const uint64_t packets : entry.counts.packets) {
      if (packets > 0) return false;
    }
  }
  return true;
}

// What rules they hold, and whether in force, is not told here.
void find_pins_trouble(const CheckFacts& facts, Findings& findings) {
  if (!facts.trouble) return;
  findings.push_back(
      {"pins", "the pins of " + facts.path.device.name + " are not in order: " + facts.trouble->why,
       pins_mend(*facts.trouble)});
}

void find_rule_missing(const CheckFacts& facts, Findings& findings) {
  if (!facts.device.rules.empty() || facts.trouble) return;
  const std::string& dev = facts.path.device.name;
  std::string others;
  for (const std::string& other : facts.other_rules)
    others += (others.empty() ? "" : ", ") + other;
  findings.push_back({"no-rule",
                      dev + " has no rule for " + facts.path.match.text() +
                          (others.empty() ? "" : "; there is " + others),
                      "zcctl attach " + shell_word(dev) + " --to " + facts.path.match.to.text() +
                          " --payload ...; `zcctl show` lists the rules"});
}

void find_on_device(const CheckFacts& facts, Findings& findings) {
  for (Finding& finding : device_findings(facts.path))
    findings.push_back(std::move(finding));
}

// Packets that come are right, and table and neighbour are not asked: an app names a group's device
// once for all; else those count that come now.
bool packets_find_the_way(const CheckFacts& facts) {
  if (facts.device.rules.empty() || nothing_came(facts)) return false;
  return facts.watched || facts.path.match.to.is_multicast();
}

// A group needs no route where its app names the device: then only silence tells.
void find_on_way(const CheckFacts& facts, Findings& findings) {
  if (packets_find_the_way(facts)) return;
  if (is_group_without_route(facts.path) && !facts.watched) return;
  for (Finding& finding : way_findings(facts.path))
    findings.push_back(std::move(finding));
}

void find_strange_source(const CheckFacts& facts, Findings& findings) {
  if (facts.path.from_here || !nothing_came(facts)) return;
  findings.push_back({"from-not-here",
                      facts.path.match.from->address_text() +
                          " is no address of this host: only packets that it forwards can have it",
                      "ip address show; leave --from out to take any source"});
}

Finding too_large(const std::string& what, uint32_t bytes, const PathMtu& mtu, bool whole_packets) {
  return {
      "too-large-for-path",
      what + " makes packets of " + std::to_string(bytes) + " bytes, more than " + mtu.of + " (" +
          std::to_string(mtu.bytes) + "): they are dropped as oversize",
      whole_packets ? "send fewer TS packets (188 bytes) a datagram" : "send smaller datagrams"};
}

void find_oversize_segment(const CheckFacts& facts, Findings& findings) {
  const PathMtu mtu = path_mtu(facts.path);
  for (const api::RuleEntry& entry : facts.device.rules) {
    const uint32_t segment = entry.rule.options.segment_bytes;
    const uint32_t bytes =
        segment + zc_header_bytes(entry.rule.match.family, entry.rule.options.how);
    if (segment != 0 && bytes > mtu.bytes)
      findings.push_back(too_large("--segment " + std::to_string(segment), bytes, mtu,
                                   is_transport_stream(entry.rule)));
  }
}

// The average is no more than the largest: where that is too large already, some are lost. Only of
// what went while it was watched: older packets may have had other headers and another MTU.
void find_oversize_stream(const CheckFacts& facts, Findings& findings) {
  if (!facts.watched) return;
  const PathMtu mtu = path_mtu(facts.path);
  for (const api::StreamEntry& entry : facts.device.streams) {
    const uint64_t packets = entry.stream.next_seq - entry.stream.first_seq;
    for (const api::RuleEntry& rule : facts.device.rules) {
      if (packets == 0 || rule.id != entry.stream.rule) continue;
      const zc_how& how = rule.rule.options.how;
      // The octets hold the payload's own header (RFC 2250 3.5).
      const auto bytes =
          static_cast<uint32_t>(entry.stream.octets / packets +
                                zc_header_bytes(entry.flow.family, how) - how.payload_header_bytes);
      if (bytes > mtu.bytes)
        findings.push_back(too_large("the app at " + source_of(entry.flow).text(), bytes, mtu,
                                     is_transport_stream(rule.rule)));
    }
  }
}

// What `auto` chose must be safe now; what was asked for must not be known to be wrong.
std::string checksum_trouble(const api::Device& device, const zc_rule& rule, Family family) {
  const auto choice = choose_checksum(device, family, rule.options.how.payload_header_bytes,
                                      static_cast<zc_checksum>(rule.options.how.checksum));
  if (!choice) return choice.error().message;
  return rule.options.how.flags & ZC_RULE_CHECKSUM_AUTO ? choice->warning : "";
}

void find_checksum_way(const CheckFacts& facts, Findings& findings) {
  for (const api::RuleEntry& entry : facts.device.rules) {
    const std::string why =
        checksum_trouble(facts.path.device, entry.rule, facts.path.match.to.family);
    if (!why.empty())
      findings.push_back({"checksum-way",
                          "rule " + to_match(entry.rule.match).text() +
                              " has a checksum way that " + facts.path.device.name +
                              " no longer suits: " + why,
                          attach_again(facts, "--replace")});
  }
}

// One that lets packets on is in nobody's way: it is told only where it may be why nothing came.
void find_before_us(const CheckFacts& facts, Findings& findings) {
  if (facts.device.rules.empty() || !nothing_came(facts)) return;
  for (const api::HookEntry& entry : facts.device.before)
    findings.push_back({"before-us",
                        entry.text() + " sees the packets of " + facts.path.device.name +
                            " before zcctl does, and nothing comes to the rule: what it accepts, "
                            "redirects or drops never does",
                        "let it return TC_ACT_UNSPEC (TCX_NEXT); or zcctl detach and attach again, "
                        "which goes to the head"});
}

void find_doubled_rule(const CheckFacts& facts, Findings& findings) {
  for (const Doubled& doubled : facts.device.doubled)
    findings.push_back({"doubled",
                        "packets of rule " + doubled.match.text() + " pass " + doubled.other_dev +
                            " too, where they match rule " + doubled.other.text(),
                        "detach one of the two rules"});
}

void find_in_status(const CheckFacts& facts, Findings& findings) {
  for (Finding& finding : findings_of(facts.device)) {
    if (finding.id != "stage-lost") finding.text += while_watched(facts);  // which no counter tells
    findings.push_back(std::move(finding));
  }
}

std::string queue_text(const CheckFacts& facts, const api::Queue& queue) {
  return "the queue of " + facts.path.device.name + " (" + queue.kind + " " + queue.handle +
         ") has dropped " + std::to_string(queue.dropped) + " packets and sent " +
         std::to_string(queue.sent);
}

// A queue that lives for months drops some of TCP's: only what it drops while it is watched tells.
void find_queue_drops(const CheckFacts& facts, Findings& findings) {
  for (const api::Queue& queue : facts.queues) {
    if (!facts.watched || !queue.root || queue.dropped == 0) continue;
    findings.push_back({"queue-drops", queue_text(facts, queue) + while_watched(facts),
                        "tc -s qdisc show dev " + shell_word(facts.path.device.name) +
                            "; send slower, or give it a longer queue or a higher rate"});
  }
}

// --- sockets of apps

bool from_fits(const CheckFacts& facts, const api::AppSocket& socket) {
  const auto& from = facts.path.match.from;
  return !from || (from->address == socket.local.address &&
                   (from->port == 0 || from->port == socket.local.port));
}

// To another device, and not to the bridge, VLAN or VRF whose packets leave by this one.
bool is_bound_elsewhere(const CheckFacts& facts, const api::AppSocket& socket) {
  const PathFacts& path = facts.path;
  if (!socket.options || socket.options->device.empty() || !path.device.master_kind.empty())
    return false;
  const bool above = leaves_by_device(path) && path.route->dev == socket.options->device;
  return socket.options->device != path.device.name && !above;
}

Finding app_elsewhere(const CheckFacts& facts, const api::AppSocket& socket) {
  const std::string where =
      socket.pid == 0 ? "NETNS" : "/proc/" + std::to_string(socket.pid) + "/ns/net";
  return {"app-elsewhere",
          socket.text() + ", sends to " + facts.path.match.to.text() +
              " in another network namespace, and nothing of it came to " + facts.path.device.name,
          "attach in that namespace: zcctl -n " + where +
              " attach DEV ...; or see whether its packets are forwarded to this one"};
}

Finding app_bound(const CheckFacts& facts, const api::AppSocket& socket) {
  return {"app-device",
          socket.text() + ", is bound to " + socket.options->device +
              " (SO_BINDTODEVICE), not to " + facts.path.device.name,
          "attach to " + socket.options->device};
}

Finding app_source(const CheckFacts& facts, const api::AppSocket& socket) {
  return {"app-source",
          socket.text() + ", sends from " + socket.local.text() + ", not from " +
              facts.path.match.from->text(),
          "attach with --from " + socket.local.text() + ", or without --from"};
}

// Why an app's packets do not come; nothing: they should.
std::optional<Finding> keeps_away(const CheckFacts& facts, const api::AppSocket& socket) {
  if (!socket.here) return app_elsewhere(facts, socket);
  if (is_bound_elsewhere(facts, socket)) return app_bound(facts, socket);
  if (!from_fits(facts, socket)) return app_source(facts, socket);
  return std::nullopt;
}

Finding no_packets(const CheckFacts& facts, const api::AppSocket* silent) {
  const std::string& dev = facts.path.device.name;
  const std::string to = facts.path.match.to.text();
  const std::string what = "no packet to " + to + " came to " + dev;
  if (silent)
    return {"no-packets",
            what + while_watched(facts) + ": " + silent->text() +
                ", is connected to it and sends nothing",
            silent->pid == 0 ? "see whose it is: ss -unap as root, in the first PID namespace"
                             : "see what it does: strace -f -e trace=network,sendfile -p " +
                                   std::to_string(silent->pid)};
  return {"no-packets",
          what + (facts.watched ? while_watched(facts) : " since the rule is there") +
              ", and no app's socket is connected to it",
          "is the app running, and is this its destination? ss -unap; tcpdump -ni any udp port " +
              std::to_string(facts.path.match.to.port) +
              "; does a firewall drop it before? nft list ruleset (output, netdev egress)"};
}

// Says whether a finding is why nothing comes. A path too narrow or a queue that drops is not:
// those are behind.
bool explains_silence(const Finding& finding) {
  constexpr const char* kWhy[] = {"pins",          "no-rule",        "device-down",
                                  "no-carrier",    "no-route",       "own-address",
                                  "other-route",   "route-discards", "neighbour-failed",
                                  "from-not-here", "before-us"};
  return std::ranges::any_of(kWhy, [&](const char* why) { return finding.id == why; });
}

// Only where nothing before explains it, and something should have come.
void find_nothing_came(const CheckFacts& facts, Findings& findings) {
  if (!nothing_came(facts) || std::ranges::any_of(findings, explains_silence)) return;
  const api::AppSocket* silent = nullptr;
  Findings reasons;
  for (const api::AppSocket& socket : facts.sockets) {
    auto reason = keeps_away(facts, socket);
    if (reason)
      reasons.push_back(*std::move(reason));
    else if (!silent)
      silent = &socket;
  }
  // One that has just come and will send is no trouble, unless it was watched.
  if (silent) reasons.clear();
  if (silent ? facts.watched : reasons.empty()) reasons.push_back(no_packets(facts, silent));
  for (Finding& reason : reasons)
    findings.push_back(std::move(reason));
}

void check_socket(const CheckFacts& facts, const zc_rule& rule, const api::AppSocket& socket,
                  Findings& findings) {
  const api::SocketOptions& options = *socket.options;
  const uint32_t segment = options.segment_bytes, wanted = rule.options.segment_bytes;
  const std::string with_pid = attach_again(facts, "--pid " + std::to_string(socket.pid));
  if (segment != 0 && options.no_checksum)
    findings.push_back({"socket-no-checksum",
                        socket.text() + ", has UDP_SEGMENT and no UDP checksum (SO_NO_CHECK): the "
                                        "kernel refuses its larger sends (EINVAL)",
                        "one of the two must go from the app's socket"});
  if (wanted != 0 && segment != wanted)
    findings.push_back({"socket-segment",
                        socket.text() + ", has UDP_SEGMENT " + std::to_string(segment) +
                            " and not the rule's " + std::to_string(wanted),
                        with_pid});
  const PathMtu mtu = path_mtu(facts.path);
  const uint32_t bytes = segment + zc_header_bytes(rule.match.family, rule.options.how);
  if (segment != 0 && segment != wanted && bytes > mtu.bytes)
    findings.push_back(
        too_large(socket.text() + ", with UDP_SEGMENT " + std::to_string(segment) + ",", bytes, mtu,
                  is_transport_stream(rule)));
}

void find_in_sockets(const CheckFacts& facts, Findings& findings) {
  for (const api::RuleEntry& entry : facts.device.rules) {
    for (const api::AppSocket& socket : facts.sockets) {
      if (socket.here && socket.options && from_fits(facts, socket))
        check_socket(facts, entry.rule, socket, findings);
    }
  }
}

constexpr Finder kFinders[] = {
    find_pins_trouble,   find_rule_missing,     find_on_device,       find_on_way,
    find_strange_source, find_oversize_segment, find_oversize_stream, find_checksum_way,
    find_before_us,      find_doubled_rule,     find_in_status,       find_queue_drops,
    find_in_sockets,     find_nothing_came,
};

}  // namespace

Findings check_findings(const CheckFacts& facts) {
  Findings findings;
  for (const Finder find : kFinders)
    find(facts, findings);
  return findings;
}

// One in a hundred since it was made.
std::vector<std::string> check_notes(const CheckFacts& facts) {
  std::vector<std::string> notes;
  for (const api::Queue& queue : facts.queues) {
    if (facts.watched || !queue.root || queue.dropped == 0) continue;
    if (queue.dropped * 100 >= queue.sent + queue.dropped)
      notes.push_back(queue_text(facts, queue) +
                      " since it was made: --watch says whether it does");
  }
  return notes;
}

}  // namespace zc::core
