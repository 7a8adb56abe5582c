// SPDX-License-Identifier: GPL-2.0-only
#include "fake_host.h"

#include <gtest/gtest.h>

#include <cstring>

#include "core/rule.h"
#include "fake_session.h"

namespace zc {
namespace {

api::Device make_device(const std::string& name, uint32_t ifindex) {
  api::Device device;
  device.name = name;
  device.ifindex = ifindex;
  device.mtu = 1500;
  device.link_type = 1;  // Ethernet
  device.up = device.carrier = true;
  device.driver = "e1000";
  device.tx_checksum_ipv4 = device.tx_checksum_ipv6 = true;
  device.senders.push_back({name, "e1000", api::CsumOffload::kFollows});
  return device;
}

}  // namespace

FakeHost::FakeHost() {
  devices["eth0"] = make_device("eth0", 2);
  devices["eth1"] = make_device("eth1", 3);
  kernel_features = {.release = "6.18.0",
                     .tcx = true,
                     .kern_ctx = true,
                     .table_bytes = 16 << 20,
                     .stream_bytes = 232};
}

std::optional<Error> FakeHost::call(const std::string& name) {
  calls.push_back(name);
  if (++fallible_calls_ == fail_at_) return failed_error(name + " failed");
  return {};
}

void FakeHost::put_live(const std::string& dev, const std::vector<zc_rule>& rules) {
  FakePins& there = pins[devices.at(dev).ifindex];
  there.complete = there.attached = true;
  there.meta.hook = ZC_HOOK_TCX;
  there.meta.ifindex = devices.at(dev).ifindex;
  std::strncpy(there.meta.dev, dev.c_str(), sizeof(there.meta.dev) - 1);
  for (const zc_rule& rule : rules)
    there.rules[static_cast<uint32_t>(there.rules.size())] = rule;
}

void FakeHost::put_leftover(const std::string& dev) {
  put_live(dev, {});
  pins[devices.at(dev).ifindex].attached = false;
}

std::map<uint32_t, std::vector<std::string>> FakeHost::in_force() const {
  std::map<uint32_t, std::vector<std::string>> rules;
  for (const auto& [ifindex, there] : pins) {
    if (!there.attached) continue;
    auto& list = rules[ifindex];
    for (const auto& [id, rule] : there.rules)
      list.push_back(core::to_match(rule.match).text() + " pt " +
                     std::to_string(rule.options.how.payload_type));
  }
  return rules;
}

bool FakeHost::any_leftover() const {
  for (const auto& [ifindex, there] : pins) {
    if (!there.attached || !there.complete) return true;
  }
  return false;
}

bool FakeHost::locked() const {
  return locks_ > 0;
}

Result<api::Device> FakeHost::device(const std::string& name) {
  if (auto error = call("device")) return *error;
  const auto found = devices.find(name);
  if (found != devices.end()) return found->second;
  return not_found_error("there is no device '" + name + "'");
}

std::string FakeHost::device_name(uint32_t ifindex) {
  if (ifindex > kStageOffset && stages.contains(ifindex - kStageOffset)) return "zcstage";
  if (ifindex > kPaceOffset && paces.contains(ifindex - kPaceOffset)) return "zcpace";
  for (const auto& [name, device] : devices) {
    if (device.ifindex == ifindex) return name;
  }
  return "";
}

Result<api::Target> FakeHost::cgroup(const std::string& path) {
  if (auto error = call("cgroup")) return *error;
  const auto found = cgroups.find(path);
  if (found == cgroups.end()) return not_found_error("there is no cgroup " + path);
  return api::Target{ZC_TARGET_CGROUP, found->second, path};
}

Status FakeHost::framing() {
  if (auto error = call("framing")) return *error;
  return kernel_features.no_framing.empty() ? ok() : unsupported_error(kernel_features.no_framing);
}

Result<std::vector<api::Connection>> FakeHost::find_connections(uint32_t pid,
                                                                std::optional<uint32_t> fd,
                                                                const Endpoint& to, uint16_t port) {
  if (auto error = call("find_connections")) return *error;
  std::vector<api::Connection> found;
  for (const api::Connection& each : connections) {
    const bool fits = to.port != 0 ? each.peer == to : each.local.port == port;
    if (each.pid == pid && fits && (!fd || each.fd == *fd)) found.push_back(each);
  }
  if (found.empty()) return not_found_error("no such connection");
  return found;
}

FakeTargetPins& FakeHost::put_target(const std::string& path,
                                     const std::vector<api::FramedRule>& rules) {
  const uint64_t id = cgroups.emplace(path, 100 + cgroups.size()).first->second;
  FakeTargetPins& there = targets[id];
  there.target = {ZC_TARGET_CGROUP, id, path};
  there.complete = there.attached = true;
  there.max_streams = ZC_DEFAULT_STREAMS;
  for (const api::FramedRule& rule : rules)
    there.rules[static_cast<uint32_t>(there.rules.size())] = rule;
  return there;
}

Result<api::Features> FakeHost::features() {
  if (auto error = call("features")) return *error;
  return kernel_features;
}

Result<bool> FakeHost::has_tcx() {
  if (auto error = call("has_tcx")) return *error;
  return kernel_features.tcx;
}

Result<std::optional<zc_pace_kind>> FakeHost::pacing() {
  if (auto error = call("pacing")) return *error;
  return pace_kind;
}

Result<std::unique_ptr<api::Reader>> FakeHost::read(api::ReadLock lock) {
  if (auto error = call(lock == api::ReadLock::kShared ? "lock" : "read")) return *error;
  return std::unique_ptr<api::Reader>(new FakeSession(*this, lock == api::ReadLock::kShared));
}

Result<std::unique_ptr<api::Session>> FakeHost::change() {
  if (auto error = call("lock")) return *error;
  return std::unique_ptr<api::Session>(new FakeSession(*this, true));
}

Result<std::unique_ptr<api::Session>> FakeHost::try_change() {
  if (busy) return std::unique_ptr<api::Session>();
  return change();
}

Result<std::vector<api::ForeignSocket>> FakeHost::find_sockets(uint32_t pid,
                                                               std::optional<uint32_t> fd,
                                                               const Endpoint& to,
                                                               const std::optional<Endpoint>&) {
  if (auto error = call("find_sockets")) return *error;
  std::vector<api::ForeignSocket> found;
  for (const api::ForeignSocket& socket : sockets) {
    if (socket.pid == pid && socket.peer == to && (!fd || socket.fd == *fd))
      found.push_back(socket);
  }
  if (found.empty()) return not_found_error("no such socket");
  return found;
}

Result<Endpoint> FakeHost::source_towards(const Endpoint& destination, const std::string&) {
  if (auto error = call("source_towards")) return *error;
  Endpoint source = destination;
  source.port = 0;
  return source;
}

// None of these is counted among the calls that may fail: a command goes on without their answer.
Result<api::Route> FakeHost::route(const Endpoint& to, const std::optional<Endpoint>&) {
  if (!knows_routes) return failed_error("no rtnetlink");
  const auto found = routes.find(to.address_text());
  if (found != routes.end()) return found->second;
  api::Route route;
  route.kind = to.is_multicast() ? api::Route::Kind::kMulticast : api::Route::Kind::kUnicast;
  route.ifindex = 2;
  route.dev = "eth0";
  route.leaves_by = {2};
  route.mtu = 1500;
  return route;
}

Result<api::Neighbour> FakeHost::neighbour(uint32_t, const Endpoint&) {
  if (!knows_routes) return failed_error("no rtnetlink");
  return the_neighbour;
}

Result<std::vector<api::Queue>> FakeHost::queues(uint32_t) {
  if (!knows_routes) return failed_error("no rtnetlink");
  return the_queues;
}

Result<api::AppSockets> FakeHost::sockets_towards(const Endpoint&) {
  calls.emplace_back(locked() ? "sockets, locked" : "sockets");
  if (!knows_routes) return failed_error("no /proc");
  return api::AppSockets{app_sockets, sees_all_namespaces};
}

}  // namespace zc
