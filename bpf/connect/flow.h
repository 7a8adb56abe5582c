/* SPDX-License-Identifier: GPL-2.0-only */
/* The flow of a TCP connection, this host's end its source, and the rule that wants it. */
#ifndef ZC_CONNECT_FLOW_H
#define ZC_CONNECT_FLOW_H

#include "kernel.h"
#include "maps/rules.h"
#include "zc/abi/flow.h"

/* An IPv4 address as an IPv6 socket has it (RFC 4291 2.5.5.2). */
static __always_inline bool zc_is_mapped(const __be32* address) {
  return !address[0] && !address[1] && address[2] == bpf_htonl(0xffff);
}

static __always_inline void zc_unmap(__be32* address) {
  address[0] = address[3];
  address[1] = address[2] = address[3] = 0;
}

/* False where it is neither IPv4 nor IPv6. */
static __always_inline bool zc_flow_of(struct bpf_sock_ops* ops, struct zc_flow* flow) {
  __builtin_memset(flow, 0, sizeof(*flow));
  flow->sport = bpf_htons(ops->local_port);
  flow->dport = ops->remote_port >> 16; /* in network byte order, in the upper half */
  if (ops->family == AF_INET) {
    flow->family = ZC_IPV4;
    flow->saddr[0] = ops->local_ip4;
    flow->daddr[0] = ops->remote_ip4;
    return true;
  }
  if (ops->family != AF_INET6) return false;
  flow->family = ZC_IPV6;
  flow->saddr[0] = ops->local_ip6[0], flow->saddr[1] = ops->local_ip6[1];
  flow->saddr[2] = ops->local_ip6[2], flow->saddr[3] = ops->local_ip6[3];
  flow->daddr[0] = ops->remote_ip6[0], flow->daddr[1] = ops->remote_ip6[1];
  flow->daddr[2] = ops->remote_ip6[2], flow->daddr[3] = ops->remote_ip6[3];
  if (!zc_is_mapped(flow->daddr)) return true;
  flow->family = ZC_IPV4;
  zc_unmap(flow->saddr);
  zc_unmap(flow->daddr);
  return true;
}

/* By the other end (`--to`), or by the port of this one (`--from :PORT`), of either family. */
static __always_inline __u32 zc_connection_rule(const struct zc_flow* flow) {
  struct zc_flow key = *flow;
  key.sport = 0;
  __builtin_memset(key.saddr, 0, sizeof(key.saddr));
  __u32* rule = bpf_map_lookup_elem(&zc_match, &key);
  if (rule) return *rule;

  __builtin_memset(&key, 0, sizeof(key));
  key.sport = flow->sport;
  rule = bpf_map_lookup_elem(&zc_match, &key);
  return rule ? *rule : ZC_NO_RULE;
}

#endif /* ZC_CONNECT_FLOW_H */
