// SPDX-License-Identifier: GPL-2.0-only
#include "device.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <set>

#include "base/fd.h"
#include "kern/drivers.h"
#include "netlink.h"
#include "pace.h"
#include "stage.h"

namespace zc::kern {
namespace {

// One SIOCETHTOOL call; `command` points at a struct that begins with the command's number.
bool ethtool(const Fd& socket, const std::string& dev, void* command) {
  ifreq request{};
  std::strncpy(request.ifr_name, dev.c_str(), IFNAMSIZ - 1);
  request.ifr_data = static_cast<char*>(command);
  return ioctl(socket.get(), SIOCETHTOOL, &request) == 0;
}

// ethtool's name of the driver, or what comes closest where a driver tells none.
std::string driver_name(const Fd& socket, const Link& link) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (ethtool(socket, link.name, &info) && info.driver[0] != '\0') return info.driver;
  return (link.flags & IFF_LOOPBACK) != 0 ? "loopback" : link.kind;
}

// How many features this kernel knows.
uint32_t count_features(const Fd& socket, const std::string& dev) {
  std::array<char, sizeof(ethtool_sset_info) + sizeof(uint32_t)> buffer{};
  auto* sset = reinterpret_cast<ethtool_sset_info*>(buffer.data());
  sset->cmd = ETHTOOL_GSSET_INFO;
  sset->sset_mask = 1ULL << ETH_SS_FEATURES;
  return ethtool(socket, dev, sset) ? sset->data[0] : 0;
}

// The names of the features that are on: "tx-checksum-ip-generic", …
Result<std::set<std::string>> active_features(const Fd& socket, const std::string& dev) {
  const uint32_t count = count_features(socket, dev);
  std::vector<char> names(sizeof(ethtool_gstrings) + size_t{count} * ETH_GSTRING_LEN);
  auto* strings = reinterpret_cast<ethtool_gstrings*>(names.data());
  strings->cmd = ETHTOOL_GSTRINGS;
  strings->string_set = ETH_SS_FEATURES;
  strings->len = count;
  const uint32_t blocks = (count + 31) / 32;
  std::vector<char> bits(sizeof(ethtool_gfeatures) + blocks * sizeof(ethtool_get_features_block));
  auto* features = reinterpret_cast<ethtool_gfeatures*>(bits.data());
  features->cmd = ETHTOOL_GFEATURES;
  features->size = blocks;
  // Nobody knows about checksums without an answer: better to stop than to guess.
  if (count == 0 || !ethtool(socket, dev, strings) || !ethtool(socket, dev, features))
    return system_error(errno, "cannot read the features of " + dev + " (ethtool)");

  std::set<std::string> active;
  for (uint32_t i = 0; i < count; i++) {
    const char* name = reinterpret_cast<const char*>(strings->data) + size_t{i} * ETH_GSTRING_LEN;
    if (features->features[i / 32].active >> (i % 32) & 1)
      active.emplace(name, strnlen(name, ETH_GSTRING_LEN));
  }
  return active;
}

Status read_features(const Fd& socket, api::Device& device) {
  const std::set<std::string> active = ZC_TRY(active_features(socket, device.name));
  const bool any = active.contains("tx-checksum-ip-generic");
  device.tx_checksum_ipv4 = any || active.contains("tx-checksum-ipv4");
  device.tx_checksum_ipv6 = any || active.contains("tx-checksum-ipv6");
  device.scatter_gather = active.contains("tx-scatter-gather");
  device.udp_segmentation = active.contains("tx-udp-segmentation");
  return ok();
}

// The links directly below one, in the same namespace.
std::vector<Link> links_below(const Link& link, const std::vector<Link>& all) {
  std::vector<Link> below;
  for (const Link& other : all) {
    // A veth's IFLA_LINK is its peer, where the packet's way on this host's stack ends.
    const bool carries = link.lower == other.ifindex && !link.lower_elsewhere &&
                         link.kind != "veth" && other.ifindex != link.ifindex;
    if (carries || other.master == link.ifindex) below.push_back(other);
  }
  return below;
}

// Devices that switch or share: what leaves them may be sent on by others on this host.
bool hands_on(const Link& link, const std::vector<Link>& all) {
  static const std::set<std::string> kinds{"bridge", "macvlan", "macvtap", "ipvlan", "ipvtap"};
  if (kinds.contains(link.kind)) return true;
  return std::any_of(all.begin(), all.end(), [&](const Link& other) {
    return link.master != 0 && other.ifindex == link.master && other.kind == "bridge";
  });
}

// Collects what the stack ends in. `seen` bounds the walk, whatever the links say; `handed_on`:
// something above hands on already.
void collect_senders(const Fd& socket, const Link& link, const std::vector<Link>& all,
                     bool handed_on, std::set<uint32_t>& seen, std::vector<api::Sender>& senders) {
  if (!seen.insert(link.ifindex).second) return;
  handed_on = handed_on || hands_on(link, all);
  const std::vector<Link> below = links_below(link, all);
  for (const Link& lower : below)
    collect_senders(socket, lower, all, handed_on, seen, senders);
  if (!below.empty()) return;
  const std::string driver = driver_name(socket, link);
  senders.push_back(
      {link.name, driver, handed_on ? api::CsumOffload::kHandsOn : driver_csum_offload(driver)});
}

// Do packets that leave by one device pass the egress of the other as they are, but for tags? Not
// so with tunnels, whose IFLA_LINK is where the outer packet goes, nor with a VRF, which has the
// routes only.
bool sends_by(const Link& upper, const Link& lower) {
  static const std::set<std::string> kOnTop = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap"};
  if (lower.master == upper.ifindex) return upper.kind != "vrf";
  return kOnTop.contains(upper.kind) && upper.lower == lower.ifindex && !upper.lower_elsewhere;
}

// Adds a device, and all that `next` leads to from there.
void collect_stacked(uint32_t ifindex, const std::vector<Link>& all,
                     const std::function<bool(const Link& from, const Link& to)>& next,
                     std::set<uint32_t>& found) {
  std::vector<uint32_t> open = {ifindex};
  std::set<uint32_t> seen;
  while (!open.empty()) {
    const uint32_t current = open.back();
    open.pop_back();
    if (!seen.insert(current).second) continue;
    const auto from = std::ranges::find(all, current, &Link::ifindex);
    if (from == all.end()) continue;
    for (const Link& to : all) {
      if (next(*from, to)) open.push_back(to.ifindex);
    }
  }
  found.merge(seen);
}

// The device whose stage or pace device something is, which may be gone; empty for 0.
std::string name_of_owner(uint32_t ifindex) {
  if (ifindex == 0) return "";
  const std::string name = device_name(ifindex);
  return name.empty() ? "device index " + std::to_string(ifindex) : name;
}

void collect_stack(const Link& link, const std::vector<Link>& all, std::set<uint32_t>& stack) {
  if (!stack.insert(link.ifindex).second) return;
  for (const Link& lower : links_below(link, all))
    collect_stack(lower, all, stack);
}

}  // namespace

Result<api::Device> find_device(const std::string& name) {
  const std::vector<Link> links = ZC_TRY(dump_links());
  const auto link =
      std::find_if(links.begin(), links.end(), [&](const Link& l) { return l.name == name; });
  if (link == links.end()) {
    return not_found_error("there is no device '" + name + "' in this network namespace",
                           "`ip link` lists the devices; -n NETNS looks in another namespace");
  }
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return system_error(errno, "cannot open a socket for ethtool");

  api::Device device;
  device.name = name;
  device.ifindex = link->ifindex;
  device.mtu = link->mtu;
  device.link_type = link->link_type;
  device.up = (link->flags & IFF_UP) != 0;
  device.carrier = (link->flags & IFF_RUNNING) != 0;
  device.loopback = (link->flags & IFF_LOOPBACK) != 0;
  device.kind = link->kind;
  for (const Link& other : links) {
    if (link->master != 0 && other.ifindex == link->master) device.master_kind = other.kind;
  }
  device.stage_of = name_of_owner(staged_device(*link));
  device.pace_of = name_of_owner(paced_device(*link));
  device.driver = driver_name(socket, *link);
  ZC_TRY(read_features(socket, device));
  std::set<uint32_t> seen;
  collect_senders(socket, *link, links, false, seen, device.senders);
  return device;
}

Result<std::vector<uint32_t>> stacked_devices(uint32_t ifindex) {
  const std::vector<Link> links = ZC_TRY(dump_links());
  std::set<uint32_t> found;
  collect_stacked(
      ifindex, links, [](auto& link, auto& other) { return sends_by(link, other); }, found);
  collect_stacked(
      ifindex, links, [](auto& link, auto& other) { return sends_by(other, link); }, found);
  found.erase(ifindex);
  return std::vector<uint32_t>(found.begin(), found.end());
}

Result<DeviceStack> find_stack(uint32_t ifindex) {
  const std::vector<Link> links = ZC_TRY(dump_links());
  DeviceStack stack;
  for (const Link& link : links) {
    if (link.ifindex != ifindex) continue;
    stack.mtu = link.mtu;
    collect_stack(link, links, stack.devices);
  }
  return stack;
}

std::string device_name(uint32_t ifindex) {
  std::array<char, IF_NAMESIZE> name{};
  return if_indextoname(ifindex, name.data()) ? name.data() : "";
}

}  // namespace zc::kern
