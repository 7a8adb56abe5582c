// SPDX-License-Identifier: GPL-2.0-only
#include "core/findings.h"

#include <algorithm>

#include "base/printable.h"
#include "core/commands.h"
#include "core/pace.h"
#include "zc/room.h"

namespace zc::core {
namespace {

// What `show` finds, in the order in which it tells.
using Finder = void (*)(const DeviceStatus& device, Findings& findings);

bool stage_is_lost(const DeviceStatus& device) {
  return device.meta.stage != 0 && device.stage.empty();
}

void find_lost_stage(const DeviceStatus& device, Findings& findings) {
  if (!stage_is_lost(device)) return;
  findings.push_back({"stage-lost",
                      "the stage of " + device.dev +
                          ", which cuts packets of many segments, is gone or was changed: such "
                          "packets are lost",
                      "the same `zcctl attach` again makes it anew"});
}

// Each super-packet has two pieces at least, and each piece that comes back is counted. Those that
// are being cut just now are not back yet: a few, one a CPU.
bool pieces_are_missing(const api::RuleEntry& entry) {
  constexpr uint64_t kUnderWay = 64;
  const uint64_t supers = packets_of(entry, ZC_VERDICT_super);
  // Those that wait for their time have come back once.
  uint64_t back = packets_of(entry, ZC_VERDICT_stamped) + packets_of(entry, ZC_VERDICT_paced);
  for (uint32_t i = 0; i < ZC_VERDICT_COUNT; i++) {
    const auto counter = static_cast<zc_verdict>(i);
    if (zc_is_drop(counter)) back += packets_of(entry, counter);
  }
  return back == 0 ? supers > 0 : supers > kUnderWay && back < 2 * (supers - kUnderWay);
}

void find_missing_pieces(const DeviceStatus& device, Findings& findings) {
  if (stage_is_lost(device)) return;  // which explains it
  for (const api::RuleEntry& entry : device.rules) {
    if (!pieces_are_missing(entry)) continue;
    findings.push_back(
        {"pieces-lost",
         rule_text(entry) + ": " + std::to_string(packets_of(entry, ZC_VERDICT_super)) +
             " packets of many segments were cut, and their pieces did not come back to the hook: "
             "a filter in front of it drops them",
         "look for it: nft list ruleset (netdev egress); bpftool net; tc filter show dev " +
             shell_word(device.dev) + " egress"});
  }
}

// Which of a device's paced rules does not leave the queue as it should; empty: all do.
std::string wrong_rate(const DeviceStatus& device) {
  for (const api::RuleEntry& entry : device.rules) {
    if (is_paced(entry.rule) && !paces_as_said(*device.queue, entry)) return rule_text(entry);
  }
  return "";
}

void find_lost_queue(const DeviceStatus& device, Findings& findings) {
  if (paced_rules(device.rules).empty()) return;
  constexpr char kMend[] = "the same `zcctl attach` again makes it anew";
  if (device.pace.empty()) {
    findings.push_back(
        {"queue-lost",
         "the queue for --rate of " + device.dev +
             " is gone or was changed: packets of its rules are lost, or leave at once",
         kMend});
  } else if (const std::string rule = wrong_rate(device); !rule.empty()) {
    findings.push_back({"queue-lost",
                        rule + ": somebody took its class from " + device.pace +
                            ", or gave it another rate: packets leave too soon or too late",
                        kMend});
  }
}

// What a socket may have under way is less: somebody's SO_SNDBUF is huge, or many share a rule.
void find_full_queue(const DeviceStatus& device, Findings& findings) {
  if (!device.queue || device.queue->backlog.dropped == 0) return;
  findings.push_back({"queue-full",
                      std::to_string(device.queue->backlog.dropped) +
                          " packets dropped in the queue for --rate of " + device.dev +
                          ": their senders may have more under way than it holds",
                      "set a smaller SO_SNDBUF in the app"});
}

void find_drops(const DeviceStatus& device, Findings& findings) {
  for (const api::RuleEntry& entry : device.rules) {
    for (Finding& finding : drop_findings(device.dev, entry))
      findings.push_back(std::move(finding));
  }
}

std::string smaller_datagrams(const std::string& dev, const zc_rule& rule) {
  if (is_transport_stream(rule))
    return "send as many whole TS packets as fit the MTU of " + dev +
           " and of the route: seven (1316 bytes) where it is 1500, with ffmpeg: "
           "udp://...?pkt_size=1316";
  return "send smaller datagrams: RTP takes " + std::to_string(zc_room(rule.options.how)) +
         " bytes of the MTU of " + dev;
}

// They left all the same: receivers lose pictures, not packets.
void find_unaligned(const DeviceStatus& device, Findings& findings) {
  for (const api::RuleEntry& entry : device.rules) {
    const uint64_t count = packets_of(entry, ZC_VERDICT_unaligned);
    if (count == 0) continue;
    findings.push_back({"unaligned",
                        rule_text(entry) + ": " + std::to_string(count) +
                            " packets whose MPEG-TS payload is no multiple of 188 bytes: a lost "
                            "one costs the receiver its neighbours, too",
                        smaller_datagrams(device.dev, entry.rule)});
  }
}

// A rule whose clock shall be the transport stream's, and a stream that has shown none.
bool misses_its_pcrs(const api::RuleEntry& entry, const api::StreamEntry& stream) {
  constexpr uint64_t kSome = 1000;  // packets: megabytes, and PCRs come every 100 ms
  return stream.stream.rule == entry.id && entry.rule.options.how.timestamp == ZC_TIMESTAMP_PCR &&
         stream.stream.next_seq - stream.stream.first_seq > kSome &&
         !(stream.clock.flags & ZC_CLOCK_LOCKED);
}

void find_no_pcr(const DeviceStatus& device, Findings& findings) {
  for (const api::RuleEntry& entry : device.rules) {
    const bool missing = std::ranges::any_of(
        device.streams, [&](auto& stream) { return misses_its_pcrs(entry, stream); });
    if (!missing) continue;
    const uint16_t pid = entry.rule.options.pcr_pid;
    const std::string which = pid == ZC_NO_PID ? "" : " with PID " + std::to_string(pid);
    findings.push_back({"no-pcr",
                        rule_text(entry) + ": a stream without PCRs" + which +
                            ": its timestamps are the time of leaving",
                        pid == ZC_NO_PID
                            ? "--timestamp wall says so, or bytes:BPS with the stream's bit rate"
                            : "attach --replace with another --pcr-pid, or without it"});
  }
}

// A source that takes the stream back within seconds (ZC_RETURN_NS): once may be an operator's.
void find_two_senders(const DeviceStatus& device, Findings& findings) {
  for (const api::RuleEntry& entry : device.rules) {
    if (entry.continued.returned < 2) continue;
    findings.push_back(
        {"two-senders",
         rule_text(entry) +
             ": two senders under --continue: they have taken the stream over from each other " +
             std::to_string(entry.continued.returned) + " times, and receivers get a mixture",
         "end one of them (ss -unp); or attach --replace without --continue: each has a stream of "
         "its own then"});
  }
}

constexpr Finder kFinders[] = {find_lost_stage, find_missing_pieces, find_lost_queue,
                               find_full_queue, find_drops,          find_unaligned,
                               find_no_pcr,     find_two_senders};

// What mends what a counter counts; empty where it needs none. No default: a new counter is asked
// for here.
std::string mend_of(zc_verdict counter, const std::string& dev, const zc_rule& rule) {
  switch (counter) {
    case ZC_VERDICT_oversize:
    case ZC_VERDICT_fragment:
      return smaller_datagrams(dev, rule);
    case ZC_VERDICT_ip_options:
      return "take them from the app's socket (IP_OPTIONS, IPV6_HOPOPTS, IPV6_DSTOPTS, IPV6_RTHDR)";
    case ZC_VERDICT_no_room:
      return "free memory, if `dmesg` tells of its lack; else the packets have more than two VLAN "
             "tags, or the way is sum or zero and the kernel older than 6.1.5 or 5.15.87: take "
             "--checksum uni or lco there";
    case ZC_VERDICT_no_state:
      return "make the tables larger: zcctl detach " + shell_word(dev) +
             " --all, then attach with --max-streams";
    case ZC_VERDICT_malformed:
      return "see who makes such packets: tcpdump -v -i " + shell_word(dev);
    case ZC_VERDICT_checksum:
      return "their sender wants a checksum elsewhere than in the UDP header: see who it is, "
             "tcpdump -ev -i " +
             shell_word(dev) + "; or they have a VLAN tag and many segments: ethtool -K " +
             shell_word(dev) + " txvlan on";
    case ZC_VERDICT_uncut:
      return "`zcctl probe " + shell_word(dev) +
             "` says whether it can have a stage; the same `zcctl attach` "
             "again makes it; or take UDP_SEGMENT from the app's socket";
    case ZC_VERDICT_unpaced:
      return "the same `zcctl attach` again makes the queue; where " + dev +
             " was moved to another network namespace: detach it there";
    case ZC_VERDICT_broken:
      return "the app has to connect again; free memory, if `dmesg` tells of its lack";
    case ZC_VERDICT_stamped:
    case ZC_VERDICT_super:
    case ZC_VERDICT_paced:
    case ZC_VERDICT_orphan:     // is never found: it was the operator's wish
    case ZC_VERDICT_short:      // of an older zcctl, whose counters were taken over
    case ZC_VERDICT_unaligned:  // has a finding of its own
    case ZC_VERDICT_COUNT:
      return "";
  }
  return "";
}

const char* meaning_of(zc_verdict counter) {
  switch (counter) {
#define ZC_COUNTER_MEANING(name, meaning) \
  case ZC_VERDICT_##name:                 \
    return meaning;
    ZC_COUNTERS(ZC_COUNTER_MEANING)
#undef ZC_COUNTER_MEANING
    default:
      return "";
  }
}

const char* name_of(zc_verdict counter) {
  switch (counter) {
#define ZC_COUNTER_NAME(name, meaning) \
  case ZC_VERDICT_##name:              \
    return #name;
    ZC_COUNTERS(ZC_COUNTER_NAME)
#undef ZC_COUNTER_NAME
    default:
      return "";
  }
}

}  // namespace

std::string rule_text(const api::RuleEntry& entry) {
  return "rule " + to_match(entry.rule.match).text();
}

uint64_t packets_of(const api::RuleEntry& entry, zc_verdict counter) {
  return entry.counts.packets[counter];
}

std::string pins_mend(const api::PinnedDevice& pins) {
  using State = api::PinnedDevice::State;
  if (pins.state == State::kDetached)
    return "the same `zcctl attach` hangs the program there again, `zcctl clean` removes them";
  if (pins.moved) return "`zcctl clean` ends its rules; attach them where the device is";
  if (pins.state == State::kLeftover) return "`zcctl clean` removes them";
  if (pins.must_be_forced()) return "`zcctl clean --force` removes them";
  return pins.here ? "`zcctl clean` takes its rules and streams over"
                   : "`zcctl -n NETNS clean` takes its rules and streams over";
}

Findings drop_findings(const std::string& dev, const api::RuleEntry& entry) {
  Findings findings;
  for (uint32_t i = 0; i < ZC_VERDICT_COUNT; i++) {
    const auto counter = static_cast<zc_verdict>(i);
    const uint64_t count = packets_of(entry, counter);
    // Orphans were the operator's wish: a rule lost its --rate, or went.
    if (!zc_is_drop(counter) || count == 0 || counter == ZC_VERDICT_orphan) continue;
    findings.push_back({std::string("dropped-") + name_of(counter),
                        rule_text(entry) + ": " + std::to_string(count) + " dropped as " +
                            name_of(counter) + ": each " + meaning_of(counter),
                        mend_of(counter, dev, entry.rule)});
  }
  return findings;
}

Findings findings_of(const DeviceStatus& device) {
  Findings findings;
  for (const Finder find : kFinders)
    find(device, findings);
  return findings;
}

}  // namespace zc::core
