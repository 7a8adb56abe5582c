// SPDX-License-Identifier: GPL-2.0-only
#include "pace_qdisc.h"

#include <linux/gen_stats.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "netlink.h"
#include "rtnetlink.h"
#include "zc/room.h"

namespace zc::kern {
namespace {

constexpr uint64_t kNsPerSecond = 1'000'000'000;
constexpr uint32_t kPacketBytes = 1500;

// All headers of a packet that waits: it is stamped behind the queue.
constexpr uint32_t headers_of(uint32_t family) {
  return ZC_ETHERNET_BYTES + (family == ZC_IPV4 ? ZC_IPV4_BYTES : ZC_IPV6_BYTES) + ZC_UDP_BYTES;
}

// fq's own limits would drop what a socket with a large SO_SNDBUF may have under way.
constexpr uint32_t kFifoPackets = 100'000;
constexpr uint32_t kFqPackets = 1'000'000, kFqFlowPackets = 100'000;
constexpr uint32_t kFqHorizonUs = std::numeric_limits<uint32_t>::max();  // Linux 5.8

// The kernel refuses a kind that it does not have, and that no module brings, as ENOENT.
Status add_qdisc(nlmsghdr* request, const std::string& kind) {
  request->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
  Status added = transact(request, "cannot make the " + kind + " qdisc");
  if (added || added.error().system_errno != ENOENT) return added;
  return unsupported_error("this kernel has no " + kind + " qdisc (sch_" + kind + ")");
}

nlmsghdr* root_request(void* buffer, uint32_t ifindex, const char* kind) {
  nlmsghdr* request = tc_request(buffer, RTM_NEWQDISC, ifindex, TC_H_ROOT);
  static_cast<tcmsg*>(mnl_nlmsg_get_payload(request))->tcm_handle = ZC_PACE_QDISC;
  mnl_attr_put_strz(request, TCA_KIND, kind);
  return request;
}

// What a class keeps. By itself it has a FIFO as long as the device's tx_queue_len, which is at
// most 32,767 before Linux 6.13 or so: less than what a large SO_SNDBUF may have under way.
Status add_fifo(uint32_t ifindex, uint32_t rule_id) {
  std::array<char, 256> buffer{};
  nlmsghdr* request = tc_request(buffer.data(), RTM_NEWQDISC, ifindex, zc_pace_class(rule_id));
  mnl_attr_put_strz(request, TCA_KIND, "pfifo");
  const tc_fifo_qopt options{kFifoPackets};
  mnl_attr_put(request, TCA_OPTIONS, sizeof(options), &options);
  Status added = add_qdisc(request, "pfifo");
  const bool there = !added && added.error().system_errno == EEXIST;  // a rate that changes
  return there ? ok() : added;
}

nlmsghdr* class_request(void* buffer, uint16_t type, uint32_t ifindex, uint32_t rule_id) {
  nlmsghdr* request = tc_request(buffer, type, ifindex, ZC_PACE_QDISC);
  static_cast<tcmsg*>(mnl_nlmsg_get_payload(request))->tcm_handle = zc_pace_class(rule_id);
  return request;
}

uint64_t bytes_per_second(uint64_t rate_bps) {
  return std::max<uint64_t>((rate_bps + 4) / 8, 1);
}

// How long two packets take, or what a late timer may have to catch up with, in psched ticks.
uint32_t burst_ticks(uint64_t rate_bps) {
  constexpr uint64_t kLateNs = 10'000'000, kNsPerTick = 64;  // PSCHED_SHIFT
  const uint64_t two_packets = 2 * kPacketBytes * kNsPerSecond / bytes_per_second(rate_bps);
  const uint64_t ticks = std::max(kLateNs, two_packets) / kNsPerTick;
  return static_cast<uint32_t>(std::min<uint64_t>(ticks, std::numeric_limits<uint32_t>::max()));
}

// The kernel's struct may be shorter or longer than ours.
template <typename Struct>
Struct read_struct(const nlattr* attribute) {
  Struct value{};
  std::memcpy(&value, mnl_attr_get_payload(attribute),
              std::min<size_t>(sizeof(value), mnl_attr_get_payload_len(attribute)));
  return value;
}

api::PaceBacklog read_backlog(const nlattr* statistics) {
  api::PaceBacklog backlog;
  for_each_nested(statistics, [&](const nlattr* nested) {
    if (mnl_attr_get_type(nested) != TCA_STATS_QUEUE) return;
    const auto queue = read_struct<gnet_stats_queue>(nested);
    backlog = {queue.qlen, queue.backlog, queue.drops};
  });
  return backlog;
}

// Bytes a second, and what the class puts back on each packet (set_pace_class).
struct ClassRate {
  uint64_t bytes = 0;
  uint32_t overhead = 0;
};

ClassRate read_class_rate(const nlattr* options) {
  ClassRate rate;
  for_each_nested(options, [&](const nlattr* nested) {
    if (mnl_attr_get_type(nested) == TCA_HTB_PARMS) {
      const auto spec = read_struct<tc_htb_opt>(nested).rate;
      rate.bytes = std::max<uint64_t>(rate.bytes, spec.rate);
      rate.overhead = spec.overhead;
    }
    if (mnl_attr_get_type(nested) == TCA_HTB_RATE64)
      rate.bytes = std::max<uint64_t>(rate.bytes, mnl_attr_get_u64(nested));
  });
  return rate;
}

uint64_t read_unclassed(const nlattr* options) {
  uint64_t packets = 0;
  for_each_nested(options, [&](const nlattr* nested) {
    if (mnl_attr_get_type(nested) == TCA_HTB_INIT)
      packets = read_struct<tc_htb_glob>(nested).direct_pkts;
  });
  return packets;
}

void read_root(const nlmsghdr* message, api::PaceQueue& queue) {
  const auto* tc = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
  if (tc->tcm_ifindex != static_cast<int>(queue.ifindex) || tc->tcm_parent != TC_H_ROOT) return;
  std::string kind;
  const nlattr* options = nullptr;
  for_each_attribute(message, sizeof(*tc), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == TCA_KIND) kind = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == TCA_OPTIONS) options = attribute;
    if (mnl_attr_get_type(attribute) == TCA_STATS2) queue.backlog = read_backlog(attribute);
  });
  if (tc->tcm_handle != ZC_PACE_QDISC) return;
  if (kind == "fq") queue.kind = ZC_PACE_KIND_FQ;
  if (kind == "htb") queue.kind = ZC_PACE_KIND_HTB;
  if (kind == "htb" && options != nullptr) queue.unpaced = read_unclassed(options);
}

api::PaceClass read_class(const nlmsghdr* message) {
  const auto* tc = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
  api::PaceClass found;
  ClassRate rate;
  found.rule = TC_H_MIN(tc->tcm_handle) - 1;
  for_each_attribute(message, sizeof(*tc), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == TCA_OPTIONS) rate = read_class_rate(attribute);
    if (mnl_attr_get_type(attribute) == TCA_STATS2) found.backlog = read_backlog(attribute);
  });
  found.rate_bps = rate.bytes * 8;
  found.backlog.bytes += found.backlog.packets * rate.overhead;
  return found;
}

}  // namespace

Status add_pace_fq(uint32_t ifindex) {
  std::array<char, 512> buffer{};
  nlmsghdr* request = root_request(buffer.data(), ifindex, "fq");
  nlattr* options = mnl_attr_nest_start(request, TCA_OPTIONS);
  mnl_attr_put_u32(request, TCA_FQ_PLIMIT, kFqPackets);
  mnl_attr_put_u32(request, TCA_FQ_FLOW_PLIMIT, kFqFlowPackets);
  mnl_attr_put_u32(request, TCA_FQ_HORIZON, kFqHorizonUs);
  mnl_attr_put_u8(request, TCA_FQ_HORIZON_DROP, 0);
  mnl_attr_nest_end(request, options);
  return add_qdisc(request, "fq");
}

// The size table takes the longest headers off each frame; a class of IPv4 puts back what it has
// less (set_pace_class). Nothing but payload is counted then.
Status add_pace_htb(uint32_t ifindex) {
  std::array<char, 512> buffer{};
  nlmsghdr* request = root_request(buffer.data(), ifindex, "htb");
  nlattr* options = mnl_attr_nest_start(request, TCA_OPTIONS);
  tc_htb_glob glob{};
  glob.version = TC_HTB_PROTOVER;
  glob.rate2quantum = 10;
  mnl_attr_put(request, TCA_HTB_INIT, sizeof(glob), &glob);
  mnl_attr_nest_end(request, options);
  nlattr* table = mnl_attr_nest_start(request, TCA_STAB);
  tc_sizespec sizes{};
  sizes.overhead = -static_cast<int>(headers_of(ZC_IPV6));
  sizes.linklayer = TC_LINKLAYER_ETHERNET;
  mnl_attr_put(request, TCA_STAB_BASE, sizeof(sizes), &sizes);
  mnl_attr_nest_end(request, table);
  return add_qdisc(request, "htb");
}

Status set_pace_class(uint32_t ifindex, uint32_t rule_id, uint64_t rate_bps, uint32_t family) {
  std::array<char, 512> buffer{};
  nlmsghdr* request = class_request(buffer.data(), RTM_NEWTCLASS, ifindex, rule_id);
  request->nlmsg_flags = NLM_F_CREATE;
  const uint64_t bytes = bytes_per_second(rate_bps);
  tc_htb_opt htb{};
  htb.rate.linklayer = TC_LINKLAYER_ETHERNET;
  htb.rate.overhead = static_cast<unsigned short>(headers_of(ZC_IPV6) - headers_of(family));
  htb.rate.rate =
      static_cast<uint32_t>(std::min<uint64_t>(bytes, std::numeric_limits<uint32_t>::max()));
  htb.ceil = htb.rate;
  htb.buffer = htb.cbuffer = burst_ticks(rate_bps);
  htb.quantum = kPacketBytes;
  mnl_attr_put_strz(request, TCA_KIND, "htb");
  nlattr* options = mnl_attr_nest_start(request, TCA_OPTIONS);
  mnl_attr_put(request, TCA_HTB_PARMS, sizeof(htb), &htb);
  mnl_attr_put_u64(request, TCA_HTB_RATE64, bytes);
  mnl_attr_put_u64(request, TCA_HTB_CEIL64, bytes);
  mnl_attr_nest_end(request, options);
  ZC_TRY(transact(request, "cannot set the rate of rule " + std::to_string(rule_id)));
  return add_fifo(ifindex, rule_id);
}

Status remove_pace_class(uint32_t ifindex, uint32_t rule_id) {
  std::array<char, 256> buffer{};
  Status removed = transact(class_request(buffer.data(), RTM_DELTCLASS, ifindex, rule_id),
                            "cannot remove the queue of rule " + std::to_string(rule_id));
  return !removed && removed.error().system_errno == ENOENT ? ok() : removed;
}

Status read_pace_qdisc(api::PaceQueue& queue) {
  std::array<char, 256> buffer{};
  // The kernel dumps the qdiscs of all devices, whatever the request names.
  ZC_TRY(dump(tc_request(buffer.data(), RTM_GETQDISC, queue.ifindex, 0),
              [&](const nlmsghdr* message) { read_root(message, queue); }));
  if (queue.kind != ZC_PACE_KIND_HTB) return ok();
  // Of HTB's own count are also those that waited in a class that was taken away.
  queue.backlog.dropped = 0;
  return dump(tc_request(buffer.data(), RTM_GETTCLASS, queue.ifindex, 0),
              [&](const nlmsghdr* message) {
                queue.classes.push_back(read_class(message));
                queue.backlog.dropped += queue.classes.back().backlog.dropped;
              });
}

}  // namespace zc::kern
