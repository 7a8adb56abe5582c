// SPDX-License-Identifier: GPL-2.0-only
#include "queue.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "netlink.h"
#include "rtnetlink.h"

namespace zc::kern {
namespace {

std::string handle_text(uint32_t handle) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "%x:", TC_H_MAJ(handle) >> 16);
  return text.data();
}

// The kernel's struct may be shorter or longer than ours.
template <typename Struct>
Struct read_struct(const nlattr* attribute) {
  Struct value{};
  std::memcpy(&value, mnl_attr_get_payload(attribute),
              std::min<size_t>(sizeof(value), mnl_attr_get_payload_len(attribute)));
  return value;
}

void read_statistics(const nlattr* attribute, api::Queue& queue) {
  for_each_nested(attribute, [&](const nlattr* nested) {
    if (mnl_attr_get_type(nested) == TCA_STATS_BASIC)
      queue.sent = read_struct<gnet_stats_basic>(nested).packets;
    if (mnl_attr_get_type(nested) == TCA_STATS_QUEUE)
      queue.dropped = read_struct<gnet_stats_queue>(nested).drops;
  });
}

api::Queue read_queue(const nlmsghdr* message, const tcmsg& about) {
  api::Queue queue;
  queue.handle = handle_text(about.tcm_handle);
  queue.root = about.tcm_parent == TC_H_ROOT;
  for_each_attribute(message, sizeof(about), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == TCA_KIND) queue.kind = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == TCA_STATS2) read_statistics(attribute, queue);
  });
  return queue;
}

}  // namespace

Result<std::vector<api::Queue>> find_queues(uint32_t ifindex) {
  std::array<char, 256> buffer{};
  std::vector<api::Queue> queues;
  // The kernel dumps the qdiscs of all devices, whatever the request names.
  ZC_TRY(dump(tc_request(buffer.data(), RTM_GETQDISC, ifindex, 0), [&](const nlmsghdr* message) {
    const auto* tc = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
    if (tc->tcm_ifindex != static_cast<int>(ifindex) || tc->tcm_parent == TC_H_INGRESS) return;
    queues.push_back(read_queue(message, *tc));
  }));
  return queues;
}

}  // namespace zc::kern
