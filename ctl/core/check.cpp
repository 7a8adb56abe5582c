// SPDX-License-Identifier: GPL-2.0-only
#include "core/check.h"

#include <algorithm>

namespace zc::core {
namespace {

using api::Neighbour;

constexpr std::chrono::milliseconds kForAnAnswer{1000};  // to ARP: Linux asks thrice, 1 s apart

uint64_t less(uint64_t after, uint64_t before) {
  return after >= before ? after - before : after;  // fewer: it is another one, counted from 0
}

// One that ended and began anew has another SSRC.
bool same_stream(const api::StreamEntry& one, const api::StreamEntry& other) {
  return source_of(one.flow) == source_of(other.flow) &&
         destination_of(one.flow) == destination_of(other.flow) &&
         one.stream.ssrc == other.stream.ssrc && one.stream.next_seq >= other.stream.next_seq;
}

// Leaves what each has sent meanwhile.
void subtract(std::vector<StreamStatus>& streams, const std::vector<StreamStatus>& before) {
  for (StreamStatus& entry : streams) {
    for (const api::StreamEntry& old : before) {
      if (!same_stream(entry, old)) continue;
      entry.stream.first_seq = old.stream.next_seq;
      entry.stream.octets = less(entry.stream.octets, old.stream.octets);
      break;
    }
  }
}

void subtract(DeviceStatus& device, const DeviceStatus& before) {
  subtract(device.streams, before.streams);
  for (api::RuleEntry& entry : device.rules) {
    for (const api::RuleEntry& old : before.rules) {
      if (to_match(old.rule.match) != to_match(entry.rule.match)) continue;
      for (uint32_t i = 0; i < ZC_VERDICT_COUNT; i++)
        entry.counts.packets[i] = less(entry.counts.packets[i], old.counts.packets[i]);
      entry.continued.returned -= std::min(entry.continued.returned, old.continued.returned);
    }
  }
}

void subtract(std::vector<api::Queue>& queues, const std::vector<api::Queue>& before) {
  for (api::Queue& queue : queues) {
    for (const api::Queue& old : before) {
      if (old.handle != queue.handle || old.kind != queue.kind || old.root != queue.root) continue;
      queue.sent = less(queue.sent, old.sent);
      queue.dropped = less(queue.dropped, old.dropped);
    }
  }
}

// Keeps the rules that are asked for, and their streams; says which others there are.
void keep_asked_for(DeviceStatus& device, const Match& match, std::vector<std::string>& others) {
  const auto strange = [&](const zc_flow& flow) { return !overlap(match, to_match(flow)); };
  for (const api::RuleEntry& entry : device.rules) {
    const Match other = to_match(entry.rule.match);
    if (other.to == match.to && !overlap(match, other))
      others.push_back(device.dev + ": " + other.text());
  }
  std::erase_if(device.rules, [&](const auto& entry) { return strange(entry.rule.match); });
  std::erase_if(device.streams, [&](const auto& entry) { return strange(entry.flow); });
}

// The device with its rules; no rules where there are no pins, or (`trouble`) none that are in
// order.
Result<DeviceStatus> read_rules(api::Host& host, const CheckRequest& request, CheckFacts& facts) {
  DeviceStatus found;
  found.dev = request.dev;
  std::vector<std::string>& others = facts.other_rules;
  others.clear();
  HostStatus there = ZC_TRY(status(host, ""));
  for (DeviceStatus& device : there.devices) {
    if (device.dev == request.dev) {
      keep_asked_for(device, request.match, others);
      found = std::move(device);
      continue;
    }
    for (const api::RuleEntry& entry : device.rules) {
      const Match other = to_match(entry.rule.match);
      if (overlap(request.match, other)) others.push_back(device.dev + ": " + other.text());
    }
  }
  for (const api::PinnedDevice& pins : there.troubles) {
    const uint32_t ifindex = pins.here ? pins.ifindex : pins.here_as;
    if (ifindex != 0 && host.device_name(ifindex) == request.dev) facts.trouble = pins;
  }
  return found;
}

// A neighbour that is asked for just now may answer: only one that does not has failed.
void wait_for_neighbour(api::Host& host, PathFacts& path) {
  if (path.neighbour != Neighbour::kWaiting) return;
  host.wait(kForAnAnswer);
  const auto again = host.neighbour(path.route->ifindex, next_hop(path));
  path.neighbour = again && *again == Neighbour::kWaiting ? Neighbour::kFailed
                   : again                                ? *again
                                                          : Neighbour::kReachable;
}

void look_at_sockets(api::Host& host, CheckFacts& facts) {
  auto sockets = value_or_note(host.sockets_towards(facts.path.match.to), facts.path);
  if (!sockets) return;
  facts.sockets = std::move(sockets->list);
  if (!sockets->complete)
    facts.path.unknown.emplace_back(
        "sockets of some network namespaces could not be looked for: that needs CAP_SYS_ADMIN and "
        "CAP_SYS_PTRACE, of the host itself and not of a container");
}

void note_closed_sockets(const CheckFacts& facts, std::vector<std::string>& notes) {
  for (const api::AppSocket& socket : facts.sockets) {
    if (socket.here && !socket.options)
      notes.push_back("what " + socket.text() +
                      " has set on its socket could not be looked at: that needs CAP_SYS_PTRACE");
  }
}

std::vector<api::Queue> look_at_queues(api::Host& host, PathFacts& path) {
  return value_or_note(host.queues(path.device.ifindex), path).value_or(std::vector<api::Queue>());
}

Status watch(api::Host& host, const CheckRequest& request, CheckFacts& facts) {
  const std::vector<api::Queue> queues = look_at_queues(host, facts.path);
  facts.queues = queues;
  if (request.watch.count() == 0) return ok();
  const DeviceStatus before = facts.device;
  host.wait(request.watch);
  facts.watched = true;
  facts.device = ZC_TRY(read_rules(host, request, facts));
  subtract(facts.device, before);
  facts.queues = look_at_queues(host, facts.path);
  subtract(facts.queues, queues);
  return ok();
}

uint64_t stamped_in(const DeviceStatus& device) {
  uint64_t stamped = 0;
  for (const api::RuleEntry& entry : device.rules)
    stamped += entry.counts.packets[ZC_VERDICT_stamped];
  return stamped;
}

// A rule that was named by its destination alone may have a source.
Match asked_for(const CheckRequest& request, const DeviceStatus& device) {
  if (request.match.from || device.rules.size() != 1) return request.match;
  return to_match(device.rules[0].rule.match);
}

}  // namespace

Result<CheckReport> check(api::Host& host, const CheckRequest& request) {
  const api::Device device = ZC_TRY(host.device(request.dev));
  CheckFacts facts{.path = {}, .device = {}};
  facts.device = ZC_TRY(read_rules(host, request, facts));
  facts.path = look_at_path(host, device, asked_for(request, facts.device));
  ZC_TRY(watch(host, request, facts));
  wait_for_neighbour(host, facts.path);
  look_at_sockets(host, facts);
  CheckReport report{request, check_findings(facts), stamped_in(facts.device)};
  report.notes = facts.path.unknown;
  note_closed_sockets(facts, report.notes);
  for (std::string& note : check_notes(facts))
    report.notes.push_back(std::move(note));
  return report;
}

}  // namespace zc::core
