// SPDX-License-Identifier: GPL-2.0-only
// The agent's half that listens: what receivers report is judged, kept and forgotten.
#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "core/rtcp/agent.h"

namespace zc::core::rtcp {
namespace {

constexpr uint32_t kLimitedBroadcast = 0xffffffff;  // RFC 919 7

// May anybody answer what goes there?
bool reaches_many(const Endpoint& destination) {
  uint32_t address = 0;
  std::memcpy(&address, destination.address.data(), sizeof(address));
  return destination.is_multicast() ||
         (destination.family == Family::kIpv4 && address == kLimitedBroadcast);
}

zc_receiver_key to_key(const ReportBlock& block, const Endpoint& from) {
  zc_receiver_key key{};
  key.ssrc = block.ssrc;
  key.reporter = block.reporter;
  key.family = from.family == Family::kIpv4 ? ZC_IPV4 : ZC_IPV6;
  std::memcpy(key.address, from.address.data(), sizeof(key.address));
  return key;
}

bool is_same(const zc_receiver_key& one, const zc_receiver_key& other) {
  return std::memcmp(&one, &other, sizeof(one)) == 0;
}

}  // namespace

bool Agent::KeyOrder::operator()(const zc_receiver_key& one, const zc_receiver_key& other) const {
  return std::memcmp(&one, &other, sizeof(one)) < 0;
}

void Agent::take(const api::ReportEvent& event) {
  count("datagrams");
  if (is_malformed(event)) return;
  if (is_own()) return count("own");
  if (compound_.reduced) count("reduced");
  for (const ReportBlock& block : compound_.blocks)
    take_block(block, event);
  for (const uint32_t reporter : compound_.byes)
    take_bye(reporter, event.from);
}

bool Agent::is_malformed(const api::ReportEvent& event) {
  const Flaw flaw = event.cut ? Flaw::kLength : parse(event.packet, compound_);
  if (flaw == Flaw::kNone) return false;
  count("malformed");
  count(std::string("malformed_") + to_string(flaw));
  return true;
}

// What we send to a group comes back.
bool Agent::is_own() const {
  return compound_.blocks.empty() && std::ranges::any_of(compound_.senders, [&](uint32_t ssrc) {
           return by_ssrc_.contains(ssrc);
         });
}

void Agent::take_block(const ReportBlock& block, const api::ReportEvent& event) {
  const auto [first, last] = by_ssrc_.equal_range(block.ssrc);
  if (first == last) return count("unknown_stream");
  bool taken = false;
  for (auto at = first; at != last; ++at) {
    Stream& stream = streams_.at(at->second);
    const Endpoint& to = stream.path.destination;
    if (!reaches_many(to) && (event.from.family != to.family || event.from.address != to.address))
      continue;
    stream.reporter.heard(static_cast<uint32_t>(event.packet.size()));
    note_receiver(at->second, stream, block, event.from);
    taken = true;
  }
  count(taken ? "reports" : "wrong_source");
}

void Agent::note_receiver(Key key, Stream& stream, const ReportBlock& block, const Endpoint& from) {
  Device* const device = device_of(key);
  if (!device || !device->tables) return;
  const zc_receiver_key who = to_key(block, from);
  auto place = device->receivers.find(who);
  if (place == device->receivers.end()) {
    const uint32_t most =
        reaches_many(stream.path.destination) ? kMostGroupReceivers : kMostReceivers;
    if (stream.reporter.receivers() >= most) return count("receivers_full");
    place = device->receivers.emplace(who, Receiver{{}, key}).first;
    by_reporter_.emplace(who.reporter, std::pair(static_cast<uint32_t>(key >> 32), who));
    stream.reporter.set_receivers(stream.reporter.receivers() + 1);
  }
  const api::Clocks now = net_.now();
  zc_receiver& value = place->second.value;
  value.heard_ns = now.monotonic_ns;
  value.reports++;
  value.highest = block.highest;
  value.lost = block.cumulative;
  value.fraction = block.fraction;
  value.jitter_us = stream.reporter.ticks_to_us(block.jitter);
  value.round_trip_us =
      stream.reporter.round_trip_us(block, now.real_ns).value_or(ZC_NO_ROUND_TRIP);
  value.port = htons(from.port);
  if (device->tables->put_receiver(who, value)) return;
  count("receivers_full");
  remove_receiver(static_cast<uint32_t>(key >> 32), *device, place);
}

Agent::ReceiverPlace Agent::remove_receiver(uint32_t ifindex, Device& device, ReceiverPlace place) {
  const zc_receiver_key& key = place->first;
  const auto stream = streams_.find(place->second.stream);
  if (stream != streams_.end()) {
    Reporter& reporter = stream->second.reporter;
    reporter.set_receivers(reporter.receivers() - 1);
  }
  if (device.tables) (void)device.tables->remove_receiver(key);
  const auto [first, last] = by_reporter_.equal_range(key.reporter);
  const auto known = std::find_if(first, last, [&](const auto& entry) {
    return entry.second.first == ifindex && is_same(entry.second.second, key);
  });
  if (known != last) by_reporter_.erase(known);
  return device.receivers.erase(place);
}

// Only who reported from there can leave.
void Agent::take_bye(uint32_t reporter, const Endpoint& from) {
  count("receiver_byes");
  const auto [first, last] = by_reporter_.equal_range(reporter);
  std::vector<std::pair<uint32_t, zc_receiver_key>> leaving;
  for (auto at = first; at != last; ++at) {
    const zc_receiver_key& key = at->second.second;
    if (std::memcmp(key.address, from.address.data(), sizeof(key.address)) == 0)
      leaving.push_back(at->second);
  }
  for (const auto& [ifindex, key] : leaving) {
    Device& device = devices_.at(ifindex);
    const auto place = device.receivers.find(key);
    if (place != device.receivers.end()) remove_receiver(ifindex, device, place);
  }
}

void Agent::forget_old_receivers(uint32_t ifindex, Device& device, uint64_t now_ns) {
  for (auto place = device.receivers.begin(); place != device.receivers.end();) {
    const bool old = now_ns > place->second.value.heard_ns + kForgetNs;
    place = old ? remove_receiver(ifindex, device, place) : std::next(place);
  }
}

void Agent::forget_receivers_of(Key key) {
  Device* const device = device_of(key);
  if (!device || streams_.at(key).reporter.receivers() == 0) return;
  for (auto place = device->receivers.begin(); place != device->receivers.end();) {
    const bool its = place->second.stream == key;
    place =
        its ? remove_receiver(static_cast<uint32_t>(key >> 32), *device, place) : std::next(place);
  }
}

// What another agent left, or this one leaves.
void Agent::clear_receivers(Device& device) {
  device.receivers.clear();
  if (!device.tables) return;
  const auto entries = device.tables->receivers();
  if (!entries) return;
  for (const auto& [key, value] : *entries)
    (void)device.tables->remove_receiver(key);
}

}  // namespace zc::core::rtcp
