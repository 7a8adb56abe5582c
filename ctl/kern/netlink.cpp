#include "kern/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>

namespace zc::kern {
namespace {

using Socket = std::unique_ptr<mnl_socket, int (*)(mnl_socket*)>;
using OnMessage = std::function<void(const nlmsghdr*)>;
using OnAttribute = std::function<void(const nlattr*)>;

Result<Socket> open_route_socket() {
  Socket socket(mnl_socket_open(NETLINK_ROUTE), mnl_socket_close);
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
    return system_error(errno, "cannot open an rtnetlink socket");
  return socket;
}

int deliver(const nlmsghdr* message, void* data) {
  (*static_cast<OnMessage*>(data))(message);
  return MNL_CB_OK;
}

// One try of the below.
Status dump_once(nlmsghdr* request, OnMessage on_message) {
  const Socket socket = ZC_TRY(open_route_socket());
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request->nlmsg_seq = 1;
  if (mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0)
    return system_error(errno, "rtnetlink request");
  std::array<char, 32768> buffer{};  // the kernel's dump buffer is as large
  while (true) {
    const ssize_t length = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (length < 0) return system_error(errno, "rtnetlink answer");
    const int more = mnl_cb_run(buffer.data(), static_cast<size_t>(length), 1,
                                mnl_socket_get_portid(socket.get()), deliver, &on_message);
    if (more < 0) return system_error(errno, "rtnetlink answer");
    if (more == MNL_CB_STOP) return ok();
  }
}

// Sends a dump request and calls `on_message` for each part of the answer.
Status dump(nlmsghdr* request, OnMessage on_message) {
  constexpr int kTries = 10;  // a dump during which something changed comes back as EINTR
  std::vector<std::string> messages;
  for (int tries = 1;; tries++) {
    messages.clear();
    Status done = dump_once(request, [&](const nlmsghdr* message) {
      messages.emplace_back(reinterpret_cast<const char*>(message), message->nlmsg_len);
    });
    if (done) break;
    if (errno != EINTR || tries == kTries) return done;
  }
  for (const std::string& message : messages)
    on_message(reinterpret_cast<const nlmsghdr*>(message.data()));
  return ok();
}

int deliver_attribute(const nlattr* attribute, void* data) {
  (*static_cast<OnAttribute*>(data))(attribute);
  return MNL_CB_OK;
}

// libmnl's own loop macros are C: they convert void* in silence.
void for_each_attribute(const nlmsghdr* message, unsigned header_bytes, OnAttribute on_attribute) {
  mnl_attr_parse(message, header_bytes, deliver_attribute, &on_attribute);
}
void for_each_nested(const nlattr* attribute, OnAttribute on_attribute) {
  mnl_attr_parse_nested(attribute, deliver_attribute, &on_attribute);
}

void read_link_attribute(const nlattr* attribute, Link& link) {
  switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
      link.name = mnl_attr_get_str(attribute);
      break;
    case IFLA_MTU:
      link.mtu = mnl_attr_get_u32(attribute);
      break;
    case IFLA_LINK:
      link.lower = mnl_attr_get_u32(attribute);
      break;
    case IFLA_LINK_NETNSID:
      link.lower_elsewhere = true;
      break;
    case IFLA_MASTER:
      link.master = mnl_attr_get_u32(attribute);
      break;
    case IFLA_LINKINFO:
      for_each_nested(attribute, [&](const nlattr* nested) {
        if (mnl_attr_get_type(nested) == IFLA_INFO_KIND) link.kind = mnl_attr_get_str(nested);
      });
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

// A dump request about the traffic control of one device.
nlmsghdr* tc_request(void* buffer, uint16_t type, uint32_t ifindex, uint32_t parent) {
  nlmsghdr* request = mnl_nlmsg_put_header(buffer);
  request->nlmsg_type = type;
  auto* tc = static_cast<tcmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(tcmsg)));
  tc->tcm_family = AF_UNSPEC;
  tc->tcm_ifindex = static_cast<int>(ifindex);
  tc->tcm_parent = parent;
  return request;
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

}  // namespace zc::kern
