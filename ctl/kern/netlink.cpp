// SPDX-License-Identifier: GPL-2.0-only
#include "netlink.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <array>
#include <cerrno>

#include "rtnetlink.h"

namespace zc::kern {
namespace {

// A request about one link; ifindex 0: one that does not exist yet.
nlmsghdr* link_request(void* buffer, uint16_t type, uint32_t ifindex, unsigned flags,
                       unsigned changed_flags) {
  nlmsghdr* request = mnl_nlmsg_put_header(buffer);
  request->nlmsg_type = type;
  auto* info = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg)));
  info->ifi_family = AF_UNSPEC;
  info->ifi_index = static_cast<int>(ifindex);
  info->ifi_flags = flags;
  info->ifi_change = changed_flags;
  return request;
}

// The kernel names the kind before it tells what is particular to it.
void read_kind_attribute(const nlattr* attribute, Link& link) {
  const uint16_t type = mnl_attr_get_type(attribute);
  if (type == IFLA_INFO_KIND) link.kind = mnl_attr_get_str(attribute);
  if (type != IFLA_INFO_DATA || link.kind != "macvlan") return;
  for_each_nested(attribute, [&](const nlattr* nested) {
    if (mnl_attr_get_type(nested) == IFLA_MACVLAN_MODE)
      link.macvlan_mode = mnl_attr_get_u32(nested);
  });
}

void read_link_attribute(const nlattr* attribute, Link& link) {
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
      link.name = mnl_attr_get_str(attribute);
      break;
    case IFLA_IFALIAS:
      link.alias = mnl_attr_get_str(attribute);
      break;
    case IFLA_MTU:
      link.mtu = mnl_attr_get_u32(attribute);
      break;
    case IFLA_LINK:
      link.lower = mnl_attr_get_u32(attribute);
      break;
    case IFLA_GSO_MAX_SIZE:
      link.gso_max_bytes = mnl_attr_get_u32(attribute);
      break;
    case IFLA_GSO_MAX_SEGS:
      link.gso_max_segments = mnl_attr_get_u32(attribute);
      break;
    case IFLA_LINK_NETNSID:
      link.lower_elsewhere = true;
      break;
    case IFLA_MASTER:
      link.master = mnl_attr_get_u32(attribute);
      break;
    case IFLA_LINKINFO:
      for_each_nested(attribute, [&](const nlattr* nested) { read_kind_attribute(nested, link); });
      break;
    default:
      break;
  }
}

Link read_link(const nlmsghdr* message) {
  const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  Link link;
  link.ifindex = static_cast<uint32_t>(info->ifi_index);
  link.flags = info->ifi_flags;
  link.link_type = info->ifi_type;
  for_each_attribute(message, sizeof(*info),
                     [&](const nlattr* attribute) { read_link_attribute(attribute, link); });
  return link;
}

void read_bpf_option(const nlattr* attribute, Filter& filter) {
  const uint16_t type = mnl_attr_get_type(attribute);
  if (type == TCA_BPF_ID) filter.program = mnl_attr_get_u32(attribute);
  if (type == TCA_BPF_NAME) filter.name = mnl_attr_get_str(attribute);
}

// Adds what a message of a filter dump tells, unless it is of another chain than the first.
void read_filter(const nlmsghdr* message, std::vector<Filter>& filters) {
  const auto* tc = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
  Filter filter;
  filter.handle = tc->tcm_handle;
  filter.preference = TC_H_MAJ(tc->tcm_info) >> 16;
  filter.protocol = ntohs(static_cast<uint16_t>(TC_H_MIN(tc->tcm_info)));
  uint32_t chain = 0;
  const nlattr* options = nullptr;
  for_each_attribute(message, sizeof(*tc), [&](const nlattr* attribute) {
    const uint16_t type = mnl_attr_get_type(attribute);
    if (type == TCA_KIND) filter.kind = mnl_attr_get_str(attribute);
    if (type == TCA_CHAIN) chain = mnl_attr_get_u32(attribute);
    if (type == TCA_OPTIONS) options = attribute;
  });
  if (options != nullptr && filter.kind == "bpf")
    for_each_nested(options, [&](const nlattr* option) { read_bpf_option(option, filter); });
  if (chain == 0) filters.push_back(filter);
}

// Wants the link down: one that comes up first gets its address before it is told to want none.
Status refuse_ipv6_address(uint32_t ifindex) {
  std::array<char, 256> buffer{};
  nlmsghdr* request = link_request(buffer.data(), RTM_SETLINK, ifindex, 0, 0);
  nlattr* families = mnl_attr_nest_start(request, IFLA_AF_SPEC);
  nlattr* ipv6 = mnl_attr_nest_start(request, AF_INET6);
  mnl_attr_put_u8(request, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  mnl_attr_nest_end(request, ipv6);
  mnl_attr_nest_end(request, families);
  Status refused = transact(request, "cannot keep IPv6 from device " + std::to_string(ifindex));
  // There is nothing to refuse where IPv6 is switched off, or the MTU too small for it.
  return !refused && refused.error().system_errno == EAFNOSUPPORT ? ok() : refused;
}

}  // namespace

Result<std::vector<Link>> dump_links() {
  std::vector<Link> links;
  std::array<char, 256> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = RTM_GETLINK;
  mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
  ZC_TRY(dump(request, [&](const nlmsghdr* message) { links.push_back(read_link(message)); }));
  return links;
}

Status create_macvlan(const std::string& name, uint32_t lower) {
  std::array<char, 512> buffer{};
  nlmsghdr* request = link_request(buffer.data(), RTM_NEWLINK, 0, IFF_NOARP, IFF_NOARP);
  request->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
  mnl_attr_put_u32(request, IFLA_LINK, lower);
  mnl_attr_put_strz(request, IFLA_IFNAME, name.c_str());
  nlattr* about = mnl_attr_nest_start(request, IFLA_LINKINFO);
  mnl_attr_put_strz(request, IFLA_INFO_KIND, "macvlan");
  nlattr* data = mnl_attr_nest_start(request, IFLA_INFO_DATA);
  mnl_attr_put_u32(request, IFLA_MACVLAN_MODE, MACVLAN_MODE_SOURCE);
  mnl_attr_nest_end(request, data);
  mnl_attr_nest_end(request, about);
  return transact(request, "cannot make the device " + name);
}

Status set_up_own_link(uint32_t ifindex, const OwnLinkSettings& settings) {
  ZC_TRY(refuse_ipv6_address(ifindex));
  std::array<char, 1024> buffer{};
  nlmsghdr* request = link_request(buffer.data(), RTM_SETLINK, ifindex, IFF_NOARP | IFF_UP,
                                   IFF_NOARP | IFF_UP | IFF_MULTICAST);
  const auto put = [&](uint16_t attribute, uint32_t value) {
    if (value != 0) mnl_attr_put_u32(request, attribute, value);
  };
  put(IFLA_MTU, settings.mtu);
  put(IFLA_GSO_MAX_SIZE, settings.gso_max_bytes);
  put(IFLA_GSO_MAX_SEGS, settings.gso_max_segments);
  mnl_attr_put_strz(request, IFLA_IFALIAS, settings.alias.c_str());
  return transact(request, "cannot set up device " + std::to_string(ifindex));
}

Status delete_link(uint32_t ifindex) {
  std::array<char, 256> buffer{};
  Status deleted = transact(link_request(buffer.data(), RTM_DELLINK, ifindex, 0, 0),
                            "cannot remove device " + std::to_string(ifindex));
  return !deleted && deleted.error().system_errno == ENODEV ? ok() : deleted;
}

nlmsghdr* tc_request(void* buffer, uint16_t type, uint32_t ifindex, uint32_t parent) {
  nlmsghdr* request = mnl_nlmsg_put_header(buffer);
  request->nlmsg_type = type;
  auto* tc = static_cast<tcmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(tcmsg)));
  tc->tcm_family = AF_UNSPEC;
  tc->tcm_ifindex = static_cast<int>(ifindex);
  tc->tcm_parent = parent;
  return request;
}

Result<bool> has_clsact(uint32_t ifindex) {
  bool found = false;
  std::array<char, 256> buffer{};
  // The kernel dumps the qdiscs of all devices, whatever the request names.
  ZC_TRY(dump(tc_request(buffer.data(), RTM_GETQDISC, ifindex, 0), [&](const nlmsghdr* message) {
    const auto* tc = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
    if (tc->tcm_ifindex != static_cast<int>(ifindex)) return;
    for_each_attribute(message, sizeof(*tc), [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == TCA_KIND)
        found = found || std::string(mnl_attr_get_str(attribute)) == "clsact";
    });
  }));
  return found;
}

Result<unsigned> count_clsact_filters(uint32_t ifindex) {
  unsigned count = 0;
  for (const uint32_t minor : {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS}) {
    std::array<char, 256> buffer{};
    nlmsghdr* request =
        tc_request(buffer.data(), RTM_GETTFILTER, ifindex, TC_H_MAKE(TC_H_CLSACT, minor));
    ZC_TRY(dump(request, [&](const nlmsghdr*) { count++; }));
  }
  return count;
}

Result<std::vector<Filter>> dump_egress_filters(uint32_t ifindex) {
  std::vector<Filter> filters;
  // An ingress qdisc has the same handle, and would answer with its own.
  if (!ZC_TRY(has_clsact(ifindex))) return filters;
  std::array<char, 256> buffer{};
  nlmsghdr* request =
      tc_request(buffer.data(), RTM_GETTFILTER, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS));
  ZC_TRY(dump(request, [&](const nlmsghdr* message) { read_filter(message, filters); }));
  return filters;
}

}  // namespace zc::kern
