// SPDX-License-Identifier: GPL-2.0-only
#include "own_link.h"

#include <linux/if_link.h>
#include <net/if.h>

#include <cerrno>
#include <charconv>
#include <string_view>

namespace zc::kern {
namespace {

constexpr char kMacvlan[] = "macvlan";

// Anybody may call a macvlan as he likes. Ours receives from nobody and says whose it is, but for
// the moment between its making and the next step, in which it is still down.
bool is_zcctls(const OwnLinkKind& kind, const Link& link) {
  if (link.kind != kMacvlan || link.macvlan_mode != MACVLAN_MODE_SOURCE) return false;
  return link.alias.starts_with(kind.alias) || (link.alias.empty() && (link.flags & IFF_UP) == 0);
}

// The device that a name speaks of; 0: it is no such name.
uint32_t device_in_name(const OwnLinkKind& kind, const std::string& name) {
  uint32_t ifindex = 0;
  const std::string_view prefix = kind.prefix;
  if (!name.starts_with(prefix)) return 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + prefix.size(), end, ifindex);
  return parsed.ec == std::errc() && parsed.ptr == end ? ifindex : 0;
}

// What the kernel says where the device's kind of link, or who holds it, leaves no place for a
// macvlan, or where it has none.
Error refusal(const OwnLinkKind& kind, const api::Device& device, Error error) {
  const int why = error.system_errno;
  if (why == EEXIST) {
    const std::string name = own_link_name(kind, device.ifindex);
    error = failed_error("its name, " + name + ", is that of somebody else's device",
                         "rename that: ip link set " + name + " name OTHER");
  }
  if (why == EBUSY || why == EINVAL || why == EOPNOTSUPP || why == EEXIST || why == ERANGE)
    error.kind = ErrorKind::kUnsupported;
  return std::move(error).in(std::string("no ") + kind.what + " behind " + device.name);
}

}  // namespace

std::string own_link_name(const OwnLinkKind& kind, uint32_t ifindex) {
  return kind.prefix + std::to_string(ifindex);
}

uint32_t device_of(const OwnLinkKind& kind, const Link& link) {
  return is_zcctls(kind, link) ? device_in_name(kind, link.name) : 0;
}

Result<std::optional<Link>> find_own_link(const OwnLinkKind& kind, uint32_t ifindex) {
  for (const Link& link : ZC_TRY(dump_links())) {
    if (device_of(kind, link) == ifindex) return std::optional(link);
  }
  return std::optional<Link>();
}

bool is_on(const Link& own, uint32_t ifindex) {
  return own.lower == ifindex && !own.lower_elsewhere;
}

Result<Link> make_own_link(const OwnLinkKind& kind, const api::Device& device,
                           OwnLinkSettings settings) {
  std::optional<Link> own = ZC_TRY(find_own_link(kind, device.ifindex));
  const bool strange = own && !is_on(*own, device.ifindex);
  if (strange) ZC_TRY(delete_link(own->ifindex));
  if (strange || !own) {
    Status created = create_macvlan(own_link_name(kind, device.ifindex), device.ifindex);
    if (!created) return refusal(kind, device, std::move(created).error());
    own = ZC_TRY(find_own_link(kind, device.ifindex));
  }
  if (!own)
    return failed_error(std::string("the ") + kind.what + " of " + device.name + " has gone");
  settings.mtu = device.mtu;
  settings.alias = kind.alias + device.name;
  Status ready = set_up_own_link(own->ifindex, settings);
  if (ready) return *own;
  (void)delete_link(own->ifindex);  // a failure here has no better place to go than the one before
  return refusal(kind, device, std::move(ready).error());
}

Status remove_own_link(const OwnLinkKind& kind, uint32_t ifindex) {
  const std::optional<Link> own = ZC_TRY(find_own_link(kind, ifindex));
  return own ? delete_link(own->ifindex) : ok();
}

Result<std::vector<uint32_t>> devices_with(const OwnLinkKind& kind) {
  std::vector<uint32_t> devices;
  for (const Link& link : ZC_TRY(dump_links())) {
    if (const uint32_t ifindex = device_of(kind, link)) devices.push_back(ifindex);
  }
  return devices;
}

}  // namespace zc::kern
