// SPDX-License-Identifier: GPL-2.0-only
#include "core/rtcp/agent.h"

#include <algorithm>
#include <cstring>

#include "core/rule.h"
#include "zc/wire/rtcp.h"

namespace zc::core::rtcp {
namespace {

// Another zcctl may be at work: a device or stream that is missing once may be there again.
constexpr uint32_t kLooksUntilGone = 2;
constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint16_t kLastPort = 65535;
// What a receiver would not hear or see; and far more than two looks at two clocks differ by.
constexpr int64_t kSmallStepNs = 5'000'000;

uint64_t key_of(uint32_t ifindex, uint32_t slot) {
  return uint64_t{ifindex} << 32 | slot;
}

bool is_of(const zc_stream& stream, const Reporter& reporter) {
  return stream.state == ZC_SLOT_USED && stream.ssrc == reporter.ssrc();
}

}  // namespace

Agent::Agent(api::AgentNet& net, AgentRequest request, uint32_t seed)
    : net_(net), request_(std::move(request)), random_(seed) {}

uint64_t Agent::turn() {
  const api::Clocks now = net_.now();
  const uint64_t now_ns = now.monotonic_ns;
  if (now_ns >= next_look_ns_) {
    look(now_ns);
    next_look_ns_ = now_ns + kLookNs;
  }
  if (now_ns >= next_tick_ns_) {
    tick(now);
    next_tick_ns_ = now_ns + kTickNs;
  }
  return streams_.empty() ? next_look_ns_ : std::min(next_look_ns_, next_tick_ns_);
}

void Agent::warn_once(const std::string& key, const std::string& text, const std::string& hint) {
  if (warned_.insert(key).second && request_.warn) request_.warn(text, hint);
}

bool Agent::is_wanted(const std::string& dev) const {
  return request_.devs.empty() || std::ranges::count(request_.devs, dev) > 0;
}

void Agent::look(uint64_t now_ns) {
  looks_++;
  idle_found_ = false;
  const auto pinned = net_.devices();
  if (!pinned) {
    warn_once("devices", "rules cannot be looked for: " + pinned.error().message,
              pinned.error().hint);
    return;
  }
  for (const api::PinnedDevice& pins : *pinned)
    look_at(pins, now_ns);
  forget_unseen();
  if (!idle_found_ || !request_.free_idle) return;
  if (const Status freed = request_.free_idle(); !freed)
    warn_once("idle", "silent streams cannot be ended: " + freed.error().message,
              freed.error().hint);
}

void Agent::look_at(const api::PinnedDevice& pins, uint64_t now_ns) {
  using State = api::PinnedDevice::State;
  const std::string name = net_.device_name(pins.ifindex);
  if (name.empty() || !is_wanted(name)) return;
  if (pins.state == State::kOlder || pins.state == State::kOtherVersion)
    return warn_once("version " + name, name + " has no reports: its rules are of another zcctl",
                     "start the agent again when all zcctl are of one version");
  if (pins.state != State::kLive) return;
  const bool is_new = !devices_.contains(pins.ifindex);
  Device& device = devices_[pins.ifindex];
  device.name = name;
  device.seen = looks_;
  device.tables.reset();  // before it is opened anew: both at once take twice the memory
  auto tables = net_.open(pins);
  if (!tables)
    return warn_once(
        "open",
        name + " cannot be read, and its streams are said to have ended: " + tables.error().message,
        tables.error().hint);
  device.tables = *std::move(tables);
  const zc_meta meta = device.tables->meta();
  device.cname = std::string(meta.cname, strnlen(meta.cname, sizeof(meta.cname)));
  if (device.cname.empty()) device.cname = request_.cname;
  if (is_new) clear_receivers(device);
  if (const Status read = read_rules(device); !read)
    return warn_once("read", name + " cannot be read: " + read.error().message);
  forget_old_receivers(pins.ifindex, device, now_ns);
  if (const Status read = read_streams(device, pins.ifindex, now_ns); !read)
    warn_once("read", name + " cannot be read: " + read.error().message);
}

Status Agent::read_rules(Device& device) {
  const auto rules = ZC_TRY(device.tables->rules());
  device.rules.clear();
  device.destinations.clear();
  for (const auto& [id, rule] : rules) {
    ReportRule report = to_report_rule(rule.options);
    if (report.idle_s == 0) report.idle_s = request_.idle_s.value_or(0);
    device.rules[id] = report;
    device.destinations.insert(destination_of(rule.match));
  }
  return ok();
}

Status Agent::read_streams(Device& device, uint32_t ifindex, uint64_t now_ns) {
  for (const api::StreamPlace& place : ZC_TRY(device.tables->streams()))
    meet(device, ifindex, place, now_ns);
  return ok();
}

// Does some rule take what goes there? Then only a mark keeps RTCP from becoming RTP.
bool Agent::is_some_rules(const Endpoint& destination) const {
  return std::ranges::any_of(
      devices_, [&](const auto& entry) { return entry.second.destinations.contains(destination); });
}

// Nothing where there is no port behind RTP's.
std::optional<api::ReportPath> Agent::path_of(const api::StreamPlace& place,
                                              const zc_stream& stream, uint32_t ifindex,
                                              const ReportRule& rule) {
  api::ReportPath path;
  path.source = source_of(place.flow);
  path.destination = destination_of(place.flow);
  path.ifindex = ifindex;
  path.ttl = stream.ttl;
  path.tos = stream.tos;
  path.mux = path.marked = rule.rtcp == ZC_RTCP_MUX;
  if (path.mux) return path;
  if (path.destination.port == kLastPort) {
    warn_once("port", path.destination.text() + " has no sender reports: no port is behind 65535",
              "attach with --rtcp mux");
    return std::nullopt;
  }
  path.destination.port++;
  path.marked = is_some_rules(path.destination);
  return path;
}

void Agent::meet(Device& device, uint32_t ifindex, const api::StreamPlace& place, uint64_t now_ns) {
  const zc_stream stream = device.tables->stream(place.slot);
  const Key key = key_of(ifindex, place.slot);
  const auto rule = device.rules.find(stream.rule);
  const auto known = streams_.find(key);
  const bool reported = rule != device.rules.end() && rule->second.rtcp != ZC_RTCP_OFF &&
                        rule->second.clock_hz != 0 && stream.state == ZC_SLOT_USED;
  const auto path =
      reported ? path_of(place, stream, ifindex, rule->second) : std::optional<api::ReportPath>();
  if (known != streams_.end() && path && is_of(stream, known->second.reporter))
    return go_on(known->second, rule->second, *path, stream, now_ns);
  if (known != streams_.end()) end(key);
  if (!path) return;
  streams_.emplace(key, Stream{Reporter(rule->second, stream, now_ns, chance()), *path,
                               net_.open_path(*path), looks_});
  by_ssrc_.emplace(stream.ssrc, key);
}

// The same stream as before. Its rule may have been changed, and its source, too (`--continue`).
void Agent::go_on(Stream& known, const ReportRule& rule, const api::ReportPath& path,
                  const zc_stream& stream, uint64_t now_ns) {
  known.seen = looks_;
  if (known.path != path) {
    net_.close_path(known.handle);
    known.handle = net_.open_path(path);
    known.path = path;
  }
  if (known.reporter.rule() != rule) known.reporter.change(rule, stream);
  known.reporter.measure(stream, now_ns);
  if (known.reporter.ended() && rule.frees_idle) idle_found_ = true;
}

Agent::Device* Agent::device_of(Key key) {
  const auto found = devices_.find(static_cast<uint32_t>(key >> 32));
  return found == devices_.end() ? nullptr : &found->second;
}

// At once where its place is free or another stream's. Else it may be on its way from one source to
// another one, or another zcctl may be at work on its device.
bool Agent::has_gone(Key key, const Stream& stream) {
  if (stream.seen == looks_) return false;
  if (stream.seen + kLooksUntilGone <= looks_) return true;
  const Device* const device = device_of(key);
  if (!device || !device->tables || device->seen != looks_) return false;
  return !is_of(device->tables->stream(static_cast<uint32_t>(key)), stream.reporter);
}

void Agent::forget_unseen() {
  std::vector<Key> gone;
  for (const auto& [key, stream] : streams_) {
    if (has_gone(key, stream)) gone.push_back(key);
  }
  for (const Key key : gone)
    end(key);
  std::erase_if(devices_,
                [&](const auto& entry) { return entry.second.seen + kLooksUntilGone <= looks_; });
}

// Says BYE if that was not said, and forgets the stream.
void Agent::end(Key key) {
  const auto place = streams_.find(key);
  Stream& stream = place->second;
  Device* const device = device_of(key);
  if (device && !stream.reporter.ended()) say(stream, *device, Reporter::Say::kBye);
  forget_receivers_of(key);
  const auto [first, last] = by_ssrc_.equal_range(stream.reporter.ssrc());
  for (auto at = first; at != last; ++at) {
    if (at->second != key) continue;
    by_ssrc_.erase(at);
    break;
  }
  net_.close_path(stream.handle);
  streams_.erase(place);
}

// Both clocks are slewed alike (adjtimex(2)): where they differ the one was set.
void Agent::notice_clock_step(const api::Clocks& now) {
  const uint64_t boot_ns = now.real_ns - now.monotonic_ns;
  const auto step_ns = static_cast<int64_t>(boot_ns - boot_ns_);
  const bool known = boot_ns_ != 0;
  if (known && std::abs(step_ns) < kSmallStepNs) return;
  boot_ns_ = boot_ns;
  if (!known) return;
  for (auto& [key, stream] : streams_)
    stream.reporter.clock_was_set();
}

void Agent::tick(const api::Clocks& now) {
  notice_clock_step(now);
  for (auto& [key, stream] : streams_) {
    Device* const device = device_of(key);
    if (!device || !device->tables) continue;
    const zc_stream seen = device->tables->stream(static_cast<uint32_t>(key));
    if (!is_of(seen, stream.reporter)) continue;  // the next look tells
    const Reporter::Say what = stream.reporter.look(seen, now.monotonic_ns, chance());
    if (what != Reporter::Say::kNothing) say(stream, *device, what);
  }
}

void Agent::say(Stream& stream, const Device& device, Reporter::Say what) {
  stream.reporter.write(what, net_.now(), device.cname, chance(), packet_);
  send(stream);
  if (what == Reporter::Say::kBye) count("bye");
  if (stream.reporter.unpaced())
    warn_once("unpaced " + device.name + std::to_string(stream.path.destination.port),
              device.name + ": the stream to " + stream.path.destination.text() +
                  " runs faster than its clock: its sender reports mean nothing",
              "let the application keep time, or attach with --rate");
}

void Agent::send(const Stream& stream) {
  const int why = net_.send(stream.handle, packet_);
  if (why == 0) return count(packet_[1] == ZC_RTCP_SR ? "sr" : "rr");
  const char* const name = strerrorname_np(why);
  count("send_errors");
  count(std::string("send_errors_") + (name ? name : std::to_string(why)));
  warn_once(std::string("send ") + std::to_string(why),
            "a report to " + stream.path.destination.text() +
                " is not sent: " + std::strerror(why) + " (told once, then counted)");
}

void Agent::stop() {
  for (auto& [key, stream] : streams_) {
    Device* const device = device_of(key);
    if (!device || stream.reporter.ended()) continue;
    if (device->tables) {
      const zc_stream seen = device->tables->stream(static_cast<uint32_t>(key));
      if (is_of(seen, stream.reporter))
        (void)stream.reporter.look(seen, net_.now().monotonic_ns, chance());
    }
    say(stream, *device, Reporter::Say::kBye);
  }
  for (auto& [ifindex, device] : devices_)
    clear_receivers(device);
}

Figures Agent::figures() const {
  Figures figures = figures_;
  figures["streams"] = streams_.size();
  figures["devices"] = devices_.size();
  uint64_t receivers = 0;
  for (const auto& [ifindex, device] : devices_)
    receivers += device.receivers.size();
  figures["receivers"] = receivers;
  figures["unpaced"] = static_cast<uint64_t>(std::ranges::count_if(
      streams_, [](const auto& entry) { return entry.second.reporter.unpaced(); }));
  return figures;
}

std::string Agent::status() const {
  const Figures now = figures();
  const auto figure = [&](const char* name) { return std::to_string(now.at(name)); };
  return figure("streams") + " streams on " + figure("devices") + " devices, " +
         figure("receivers") + " receivers";
}

}  // namespace zc::core::rtcp
